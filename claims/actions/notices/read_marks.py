"""The marks on notices that their customer has read."""

from datetime import datetime

from django.db.models import QuerySet

from claims.models import Notice


def mark_read(notices: QuerySet[Notice], *, now: datetime) -> int:
    """Mark the unread ones of these notices as read, and return their number."""
    return notices.filter(read_at__isnull=True).update(read_at=now)
