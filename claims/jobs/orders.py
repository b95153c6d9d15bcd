"""Jobs on orders."""

from procrastinate.contrib.django import app

from claims.actions.orders import automatic_returns
from claims.jobs.queues import Queue
from claims.queries.core.clock import database_now

BATCH = 500


@app.periodic(cron="* * * * * */20")
@app.task(name="claims.return_expired", queue=Queue.TIME, queueing_lock="return_expired")
def return_expired(timestamp: int) -> None:
    """Return the prices that are due in batches, three times a minute. Sweeps may overlap."""
    while automatic_returns.return_expired(now=database_now(), limit=BATCH) == BATCH:
        pass
