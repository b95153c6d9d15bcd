"""The count of each job that a worker runs."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException

from claims.actions.core import job_counts
from claims.models import JobCount

Outcome = JobCount.Outcome

log = logging.getLogger(__name__)


async def count_run(
    call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Any
) -> Any:
    """Run a job and count it by its outcome (a worker middleware of Procrastinate)."""
    begun = time.monotonic()
    try:
        result = await call_next()
    except Exception as error:
        await _count(context, outcome_of(context, error), time.monotonic() - begun)
        raise
    await _count(context, Outcome.SUCCEEDED, time.monotonic() - begun)
    return result


def outcome_of(context: JobContext, error: Exception) -> JobCount.Outcome:
    """Return whether the job is tried again after this error."""
    task = context.app.tasks.get(context.job.task_name)
    again = task and task.get_retry_exception(exception=error, job=context.job)
    return Outcome.RETRIED if again else Outcome.FAILED


async def _count(context: JobContext, outcome: JobCount.Outcome, seconds: float) -> None:
    try:
        await job_counts.count_job(
            context.app.connector,  # type: ignore[arg-type]  # a worker's is async
            task=context.job.task_name,
            queue=context.job.queue,
            outcome=outcome,
            seconds=seconds,
        )
    except ConnectorException:
        # The job itself is done; while the database is away, nothing can be counted.
        log.warning("A job was not counted.", exc_info=True)
