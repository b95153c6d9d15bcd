"""Jobs that show that each queue is being worked on."""

from collections.abc import Iterable
from typing import Any

from procrastinate import App, JobContext
from procrastinate.contrib.django import app
from procrastinate.tasks import Task

from claims.actions.core import heartbeats
from claims.jobs.queues import Queue
from claims.queries.core.clock import database_now

BUILTIN = "builtin"
BEFORE_ALL_OTHERS = 100
"""The priority of heartbeats: a queue with a backlog is slow, not dead."""


@app.task(name="claims.beat", queue=Queue.TIME, pass_context=True)
def beat(context: JobContext, timestamp: int) -> None:
    """Record that the queue in which this job runs is being worked on."""
    heartbeats.beat(queue=context.job.queue, now=database_now())


def queues() -> list[str]:
    """Return the names of all queues, in order, as the tasks declare them."""
    return _queues_of(app.tasks.values())


def beat_in_each_queue(app: App) -> None:
    """Have workers defer a heartbeat into each queue three times a minute."""
    for queue in _queues_of(app.tasks.values()):
        app.periodic_registry.register_task(
            task=beat,
            cron="* * * * * */20",
            periodic_id=queue,
            configure_kwargs={
                "queue": queue,
                "queueing_lock": f"beat:{queue}",
                "priority": BEFORE_ALL_OTHERS,
            },
        )


def _queues_of(tasks: Iterable[Task[Any, Any, Any]]) -> list[str]:
    return sorted({task.queue for task in tasks} - {BUILTIN})
