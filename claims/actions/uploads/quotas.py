"""Quotas of uploads. Callers lock the customer first, so that no two requests share the room."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from claims.models import Upload

GIBIBYTE = 1024**3
MOST_OPEN = 12
"""Unfinished uploads that one customer may have at the same time."""
MOST_FILES_A_DAY = 1000
"""More than anybody needs. Each file leaves a row, even a removed one."""
MOST_BYTES_A_DAY = 2 * GIBIBYTE
DAY = timedelta(hours=24)
EXPIRES_AFTER = timedelta(hours=23)
"""Time since the last bytes of an unfinished upload. An abandoned one goes within a day."""


class LimitReached(ValidationError):
    """The customer has sent too much, and may send again after `retry_after`."""

    def __init__(self, message: str, *, code: str, retry_after: timedelta) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


def expired(now: datetime) -> Q:
    """Return the condition that an upload isn't whole and its last bytes came too long ago."""
    return Q(state=Upload.State.RECEIVING, received_at__lte=now - EXPIRES_AFTER)


def is_gone(upload: Upload, *, now: datetime) -> bool:
    """Return True if the upload was removed, or has expired and will be removed."""
    if upload.state == Upload.State.RECEIVING:
        return upload.received_at <= now - EXPIRES_AFTER
    return upload.state == Upload.State.REMOVED


def refuse_beyond_quota(customer: User, *, size: int, now: datetime) -> None:
    """Raise `LimitReached` if a locked customer may not send a file of `size` bytes now."""
    uploads = Upload.objects.filter(customer=customer)
    _refuse_too_many_open(uploads, now=now)
    recent = uploads.filter(received_at__gt=now - DAY).order_by("received_at")
    sent = [
        (received_at, received if state == Upload.State.REMOVED else announced)
        for received_at, state, received, announced in recent.values_list(
            "received_at", "state", "received", "size"
        )
    ]
    _refuse_too_many_files(sent, now=now)
    _refuse_too_many_bytes(sent, size=size, now=now)


def _refuse_too_many_open(uploads: QuerySet[Upload], *, now: datetime) -> None:
    sending = uploads.filter(state=Upload.State.RECEIVING).exclude(expired(now))
    if sending.count() < MOST_OPEN:
        return
    raise LimitReached(
        _(
            "You are sending %(most)s files already. Let one of them finish, or remove one, and"
            " then send this file again."
        )
        % {"most": MOST_OPEN},
        code="open",
        retry_after=timedelta(minutes=1),
    )


def _refuse_too_many_files(sent: list[tuple[datetime, int]], *, now: datetime) -> None:
    if len(sent) < MOST_FILES_A_DAY:
        return
    oldest = sent[-MOST_FILES_A_DAY][0]
    raise LimitReached(
        _(
            "You have sent %(most)s files within 24 hours, which is the most."
            " Send this file tomorrow."
        )
        % {"most": MOST_FILES_A_DAY},
        code="files-a-day",
        retry_after=oldest + DAY - now,
    )


def _refuse_too_many_bytes(sent: list[tuple[datetime, int]], *, size: int, now: datetime) -> None:
    total = size + sum(count for _at, count in sent)
    if total <= MOST_BYTES_A_DAY:
        return
    room_at = now
    for received_at, count in sent:
        if total <= MOST_BYTES_A_DAY:
            break
        total -= count
        room_at = received_at + DAY
    raise LimitReached(
        _(
            "You have sent as much as %(most)s GB within 24 hours, which is the most. Send this"
            " file tomorrow, or a shorter recording or a screenshot now."
        )
        % {"most": MOST_BYTES_A_DAY // GIBIBYTE},
        code="bytes-a-day",
        retry_after=room_at - now,
    )
