"""Retries, and the upkeep of the queue of jobs itself."""

from django.core.management import call_command
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

DEAD_AFTER = 60  # seconds; a worker sends a heartbeat every ten
LONGEST_WAIT = 300  # seconds

DONE_JOBS_KEPT = 24  # hours; sweeps alone are twenty thousand jobs a day


class UntilItIsBack(BaseRetryStrategy):
    """A retry strategy without end: after 4, 16, 64, 256, and from then on 300 seconds.

    The store, the scanner or the database comes back at some time. An inspection that keeps failing
    is ended by its action, which tells the customer.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        return RetryDecision(retry_in={"seconds": seconds_to_wait(job.attempts)})


def seconds_to_wait(attempts: int) -> int:
    """Return the seconds before the next try, after `attempts` earlier tries."""
    return min(4 << 2 * min(attempts, 4), LONGEST_WAIT)


@app.periodic(cron="* * * * *")
@app.task(name="claims.retry_stalled", queueing_lock="retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Retry the jobs of killed workers, which no longer send a heartbeat, every minute."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        await app.job_manager.retry_job(job)


@app.periodic(cron="37 * * * *")
@app.task(name="claims.forget_done_jobs", queueing_lock="forget_done_jobs")
async def forget_done_jobs(timestamp: int) -> None:
    """Delete the jobs that succeeded more than a day ago, once an hour. Failed ones stay."""
    await app.job_manager.delete_old_jobs(nb_hours=DONE_JOBS_KEPT)


@app.periodic(cron="23 3 * * *")
@app.task(name="claims.clear_sessions", queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Delete the sessions that have expired, once a day."""
    call_command("clearsessions")
