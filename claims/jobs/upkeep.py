"""Retries, and the upkeep of the queue of jobs itself."""

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

DEAD_AFTER = 60  # seconds; a worker sends a heartbeat every ten
LONGEST_WAIT = 300  # seconds

DONE_JOBS_KEPT = 24  # hours; sweeps alone are twenty thousand jobs a day


class UntilItIsBack(BaseRetryStrategy):
    """Tries without end, after 4, 16, 64, 256 and from then on 300 seconds.

    What an upload waits for comes back at some time, and then it is inspected. What doesn't pass
    is given up by the action itself, with a word to the customer.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        return RetryDecision(retry_in={"seconds": seconds_to_wait(job.attempts)})


def seconds_to_wait(attempts: int) -> int:
    """After so many tries before this one."""
    return min(4 << 2 * min(attempts, 4), LONGEST_WAIT)


@app.periodic(cron="* * * * *")
@app.task(name="claims.retry_stalled", queueing_lock="retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Take up again what a worker left behind that was killed: it sends no heartbeat any more."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        await app.job_manager.retry_job(job)


@app.periodic(cron="37 * * * *")
@app.task(name="claims.forget_done_jobs", queueing_lock="forget_done_jobs")
async def forget_done_jobs(timestamp: int) -> None:
    """Forget jobs that were done more than a day ago, once an hour. What failed stays."""
    await app.job_manager.delete_old_jobs(nb_hours=DONE_JOBS_KEPT)
