"""Interruptions of inspections: how many an upload has had, and when it is tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from claims.models import Upload

WAITS: Final = (10, 100, 1000)
"""Seconds before each further try: an upload is tried three times more."""
KEPT_FOR: Final = timedelta(hours=24)
"""The time from the first interruption on for which the original is kept for more tries."""
AT_ONCE: Final = 1
"""Seconds before the next try after the worker's own stop, when another worker may take over."""


class TriedAgain(RuntimeError):
    """The inspection was interrupted, and is tried again after `wait` seconds."""

    def __init__(self, *, wait: int) -> None:
        super().__init__(f"The inspection was interrupted; it is tried again in {wait} s.")
        self.wait = wait


def count_interruption(*, upload_id: int, now: datetime) -> int | None:
    """Count an interruption of a waiting upload, and return the seconds before the next try.

    Return None, and count nothing, if no try is left or the upload doesn't wait any more.
    """
    may_wait = Q(interrupted_at__isnull=True) | Q(interrupted_at__gt=now - KEPT_FOR)
    uploads = Upload.objects.filter(pk=upload_id)
    counted = uploads.filter(
        may_wait, state=Upload.State.WAITING, interruptions__lt=len(WAITS)
    ).update(
        interruptions=F("interruptions") + 1,
        interrupted_at=Coalesce("interrupted_at", Value(now)),
        report={"interrupted": True},
    )
    if not counted:
        return None
    return WAITS[uploads.values_list("interruptions", flat=True).get() - 1]


def interrupted_too_long(*, now: datetime) -> QuerySet[Upload]:
    """Return the uploads that still wait `KEPT_FOR` after their first interruption."""
    waiting = Upload.objects.filter(state=Upload.State.WAITING)
    return waiting.filter(interrupted_at__lte=now - KEPT_FOR).order_by("pk")
