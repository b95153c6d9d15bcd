"""Jobs that tell the shop, and that apply what it told."""

from procrastinate.contrib.django import app

from claims.actions.shop import inbound_events, webhook_delivery
from claims.jobs.queues import Queue
from claims.queries.core.clock import database_now


@app.periodic(cron="* * * * * */5")
@app.task(
    name="claims.deliver_due", queue=Queue.SHOP, lock="deliver_due", queueing_lock="deliver_due"
)
def deliver_due(timestamp: int) -> None:
    """Send the due webhooks every five seconds, one worker at a time."""
    webhook_delivery.deliver_due(clock=database_now)


@app.periodic(cron="*/10 * * * *")
@app.task(name="claims.retry_waiting", queue=Queue.SHOP, queueing_lock="retry_waiting")
def retry_waiting(timestamp: int) -> None:
    """Apply the waiting events that can be applied by now, every ten minutes."""
    inbound_events.retry_waiting(now=database_now())
