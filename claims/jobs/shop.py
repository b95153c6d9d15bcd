"""Jobs that tell the shop."""

from procrastinate.contrib.django import app

from claims.actions.shop import webhook_delivery
from claims.queries.core.clock import database_now


@app.periodic(cron="* * * * * */5")
@app.task(name="claims.deliver_due", lock="deliver_due", queueing_lock="deliver_due")
def deliver_due(timestamp: int) -> None:
    """Send the due webhooks every five seconds, one worker at a time."""
    webhook_delivery.deliver_due(clock=database_now)
