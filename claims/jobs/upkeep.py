"""Retries, and the upkeep of the queue of jobs itself."""

import logging
from typing import cast

from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.utils import timezone
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from claims.actions.uploads import inspection, intake
from claims.actions.uploads.interruptions import TriedAgain
from claims.jobs.queues import Queue

DEAD_AFTER = 60  # seconds; a worker sends a heartbeat every ten
LONGEST_WAIT = 300  # seconds

DONE_JOBS_KEPT = 24  # hours; sweeps alone are twenty thousand jobs a day

log = logging.getLogger(__name__)


class UntilItIsBack(BaseRetryStrategy):
    """A retry strategy without end: after 4, 16, 64, 256, and from then on 300 seconds.

    The store, the scanner or the database comes back at some time. An inspection that keeps failing
    is ended by its action, which tells the customer. An interrupted one says itself when to try.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if isinstance(exception, TriedAgain):
            return RetryDecision(retry_in={"seconds": exception.wait})
        return RetryDecision(retry_in={"seconds": seconds_to_wait(job.attempts)})


def seconds_to_wait(attempts: int) -> int:
    """Return the seconds before the next try, after `attempts` earlier tries."""
    return min(4 << 2 * min(attempts, 4), LONGEST_WAIT)


@app.periodic(cron="* * * * *")
@app.task(name="claims.retry_stalled", queue=Queue.TIME, queueing_lock="retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Retry the jobs of killed workers, which no longer send a heartbeat, every minute.

    A file may have killed its worker, so that counts as an interruption of its inspection.
    """
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        if job.task_name == intake.INSPECT_UPLOAD:
            await sync_to_async(_count_interruption)(cast(int, job.task_kwargs["upload_id"]))
        await app.job_manager.retry_job(job)


def _count_interruption(upload_id: int) -> None:
    """Count the worker's death for its upload. A failure holds up no other job."""
    try:
        inspection.take_interruption(upload_id=upload_id, now=timezone.now())
    except Exception:  # logged, and the job is tried again uncounted
        log.exception("The interruption of upload %s can't be counted.", upload_id)


@app.periodic(cron="37 * * * *")
@app.task(name="claims.forget_done_jobs", queue=Queue.REVIEW, queueing_lock="forget_done_jobs")
async def forget_done_jobs(timestamp: int) -> None:
    """Delete the jobs that succeeded more than a day ago, once an hour. Failed ones stay."""
    await app.job_manager.delete_old_jobs(nb_hours=DONE_JOBS_KEPT)


@app.periodic(cron="23 3 * * *")
@app.task(name="claims.clear_sessions", queue=Queue.REVIEW, queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Delete the sessions that have expired, once a day."""
    call_command("clearsessions")
