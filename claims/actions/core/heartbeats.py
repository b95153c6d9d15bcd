"""The heartbeats of the queues."""

from datetime import datetime

from claims.models import Heartbeat


def beat(*, queue: str, now: datetime) -> None:
    """Record that a job of this queue runs now."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(queue=queue, at=now)],
        update_conflicts=True,
        unique_fields=["queue"],
        update_fields=["at"],
    )
