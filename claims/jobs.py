"""What workers do. Each task calls one action; the clock is asked here."""

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from claims.actions import inspecting, notifying, receiving, recording, returning

BATCH = 500
DEAD_AFTER = 60  # seconds; a worker sends a heartbeat every ten


@app.task(
    name=receiving.INSPECT_UPLOAD,
    queue=receiving.INSPECTION_QUEUE,
    retry=RetryStrategy(max_attempts=5, exponential_wait=4),
)
def inspect_upload(upload_id: int) -> None:
    """Inspect one upload in a child process and keep what was made of it."""
    inspecting.inspect_upload(upload_id=upload_id, clock=timezone.now)


@app.task(name=recording.TELL_CUSTOMER, retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def tell_customer(event_id: int) -> None:
    """Mail the customer about one event of a claim."""
    notifying.mail_customer(event_id=event_id)


@app.periodic(cron="* * * * * */20")
@app.task(name="claims.return_expired", queueing_lock="return_expired")
def return_expired(timestamp: int) -> None:
    """Return what is due, batch after batch, three times a minute. Sweeps may run side by side."""
    while returning.return_expired(now=timezone.now(), limit=BATCH) == BATCH:
        pass


@app.periodic(cron="* * * * *")
@app.task(name="claims.retry_stalled", queueing_lock="retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """Take up again what a worker left behind that was killed: it sends no heartbeat any more."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
        await app.job_manager.retry_job(job)
