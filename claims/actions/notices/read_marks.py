"""What a customer has read of the notices to them."""

from datetime import datetime

from django.db.models import QuerySet

from claims.models import Notice


def mark_read(notices: QuerySet[Notice], *, now: datetime) -> int:
    """Mark those that are unread, and say how many there were."""
    return notices.filter(read_at__isnull=True).update(read_at=now)
