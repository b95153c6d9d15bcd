"""What workers do. Each task calls one action; the clock is asked here."""

import logging
import threading
import time

from django.conf import settings
from django.utils import timezone
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from claims import queries
from claims.actions import (
    delivering,
    glancing,
    incidents,
    inspecting,
    notifying,
    offering,
    receiving,
    recording,
    replacing,
    retention,
    returning,
    sending,
    timekeeping,
)
from claims.queries.clock import database_now

BATCH = 500
MOST_A_MINUTE = 1000  # claims that one sweep does something to
SMALL_BATCH = 50  # of what is removed file by file
DEAD_AFTER = 60  # seconds; a worker sends a heartbeat every ten
LONGEST_WAIT = 300  # seconds
HOUR = 3600  # seconds
DONE_JOBS_KEPT = 24  # hours; sweeps alone are twenty thousand jobs a day

log = logging.getLogger(__name__)


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


@app.task(
    name=receiving.INSPECT_UPLOAD,
    queue=receiving.INSPECTION_QUEUE,
    retry=UntilItIsBack(),
    pass_context=True,
)
def inspect_upload(context: JobContext, upload_id: int) -> None:
    """Inspect one upload in a child process and keep what was made of it."""
    inspecting.inspect_upload(upload_id=upload_id, attempt=context.job.attempts, clock=timezone.now)


@app.task(name=recording.TELL_CUSTOMER, retry=RetryStrategy(exponential_wait=4))
def tell_customer(event_id: int) -> None:
    """Mail the customer about one event of a claim. When to give up says the action."""
    sending.send_notice(event_id=event_id, clock=timezone.now)


@app.task(name=recording.TELL_STAFF, retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def tell_staff(event_id: int) -> None:
    """Mail whoever has to act on one event of a claim."""
    notifying.mail_staff(event_id=event_id)


@app.task(name=glancing.LOOK_FOR_REPEATS, retry=RetryStrategy(max_attempts=5, exponential_wait=4))
def look_for_repeats(claim_id: int) -> None:
    """Mark claims that show the same evidence."""
    glancing.mark_repeats(claim_id=claim_id)


@app.task(name=incidents.WORK_OFF, retry=UntilItIsBack())
def work_off_incident(incident_id: int) -> None:
    """Decide each claim of an incident. After a failure it goes on where it was."""
    incidents.work_off(incident_id=incident_id, clock=timezone.now)


@app.periodic(cron="* * * * * */20")
@app.task(name="claims.return_expired", queueing_lock="return_expired")
def return_expired(timestamp: int) -> None:
    """Return what is due, batch after batch, three times a minute. Sweeps may run side by side."""
    while returning.return_expired(now=database_now(), limit=BATCH) == BATCH:
        pass


@app.periodic(cron="* * * * * */5")
@app.task(name="claims.deliver_due", lock="deliver_due", queueing_lock="deliver_due")
def deliver_due(timestamp: int) -> None:
    """Tell the shop what is due, every five seconds, one worker at a time."""
    delivering.deliver_due(clock=database_now)


@app.periodic(cron="* * * * *")
@app.task(name="claims.keep_time", queueing_lock="keep_time")
def keep_time(timestamp: int) -> None:
    """Do to each claim what is due because time has passed, every minute.

    One that fails holds up no other; in the end the job fails, and says all that went wrong.
    """
    now = database_now()
    failures: list[Exception] = []
    for found, act in (
        (queries.to_be_reminded(now=now), timekeeping.remind),
        (queries.to_be_given_up(now=now), timekeeping.give_up),
        (queries.to_be_remedied(now=now), timekeeping.say_remedy_is_due),
        (queries.to_lapse(now=now), offering.let_lapse),
        (queries.to_go_without(now=now), replacing.let_request_lapse),
    ):
        for claim_id in found.values_list("pk", flat=True)[:MOST_A_MINUTE]:
            try:
                act(claim_id=claim_id, now=now)
            except Exception as failure:  # noqa: BLE001  # raised below, with all others
                failures.append(failure)
    if failures:
        raise ExceptionGroup("Time wasn't kept for some claims.", failures)


@app.periodic(cron="0 6 * * *")
@app.task(name="claims.mail_digest", queueing_lock="mail_digest")
def mail_digest(timestamp: int) -> None:
    """Tell the Supervisors what is overdue, every day at 6:00 UTC."""
    notifying.mail_digest(now=database_now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="claims.remove_old_files", queueing_lock="remove_old_files")
def remove_old_files(timestamp: int) -> None:
    """Remove abandoned uploads and old evidence, batch after batch, every ten minutes."""
    now = timezone.now()
    days = settings.EVIDENCE_RETENTION_DAYS
    while retention.remove_abandoned(now=now, limit=SMALL_BATCH) == SMALL_BATCH:
        pass
    while retention.remove_old_evidence(now=now, days=days, limit=SMALL_BATCH) == SMALL_BATCH:
        pass
    while retention.forget_removed(now=now, limit=BATCH) == BATCH:
        pass


@app.periodic(cron="17 * * * *")
@app.task(name="claims.remove_orphans", queueing_lock="remove_orphans")
def remove_orphans(timestamp: int) -> None:
    """Delete files that no row has named for nearly a day, once an hour."""
    retention.remove_orphans(now=timezone.now())


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


def keep_incoming_clear() -> None:
    """Have this process clear its machine's folder for incoming files, now and every hour.

    No job does that: it would run on one machine, and each has such a folder of its own.
    """
    threading.Thread(target=_clear_incoming, name="clear-incoming", daemon=True).start()


def _clear_incoming() -> None:
    while True:
        try:
            retention.remove_leftovers(now=timezone.now())
        except OSError:
            log.exception("The folder for incoming files can't be cleared.")
        time.sleep(HOUR)
