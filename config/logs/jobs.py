"""The id of a request goes along with the jobs that it causes, and each job has its line."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from procrastinate import App, JobContext
from procrastinate.jobs import Job

from accounts.log_context import facts, logging_about
from claims.jobs.counting import outcome_of
from claims.models import JobCount

REQUEST_ID: Final = "request_id"
"""The argument that carries the id. Tasks never see it."""

log = logging.getLogger(__name__)


def carry_request_ids(app: App) -> None:
    """Have every job that this app defers keep the id of the request that caused it."""
    manager = app.job_manager
    defer, defer_async = manager.batch_defer_jobs, manager.batch_defer_jobs_async

    def batch_defer_jobs(jobs: list[Job], connection: Any | None = None) -> list[Job]:
        return defer([_with_request_id(job) for job in jobs], connection)

    async def batch_defer_jobs_async(jobs: list[Job], connection: Any | None = None) -> list[Job]:
        return await defer_async([_with_request_id(job) for job in jobs], connection)

    # Procrastinate has no hook for it: a task's middleware runs in the worker alone.
    manager.batch_defer_jobs = batch_defer_jobs  # type: ignore[method-assign]
    manager.batch_defer_jobs_async = batch_defer_jobs_async  # type: ignore[method-assign]


def _with_request_id(job: Job) -> Job:
    request_id = facts().get(REQUEST_ID)
    if request_id is None:
        return job
    return job.evolve(task_kwargs={**job.task_kwargs, REQUEST_ID: request_id})


async def log_job(call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Any) -> Any:
    """Run a job under the id of its request, and log its end (Procrastinate's worker middleware).

    Thousands of sweeps a day end well: only the jobs that a request caused have a line then.
    """
    job = context.job
    request_id = job.task_kwargs.pop(REQUEST_ID, None)
    about: dict[str, str | int] = {
        "job": job.id or 0, "task": job.task_name, "queue": job.queue,
    }  # fmt: skip
    if request_id:
        about[REQUEST_ID] = str(request_id)
    with logging_about(**about):
        begun = time.monotonic()
        try:
            result = await call_next()
        except Exception as error:
            is_over = outcome_of(context, error) == JobCount.Outcome.FAILED
            level = logging.ERROR if is_over else logging.WARNING
            _log(level, "Job failed", begun, exc_info=error)
            raise
        _log(logging.INFO if request_id else logging.DEBUG, "Job done", begun)
        return result


def _log(level: int, message: str, begun: float, **more: Any) -> None:
    log.log(level, message, extra={"seconds": round(time.monotonic() - begun, 3)}, **more)
