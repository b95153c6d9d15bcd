"""The intake of files, whole or in pieces: into the spool, and on to the inspection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from accounts.models import User
from claims.actions.core.locks import lock_customer, lock_order_of
from claims.actions.uploads.evidence_kinds import kind_of
from claims.actions.uploads.files import remove_files, spooled
from claims.actions.uploads.quotas import expired, refuse_beyond_quota
from claims.inspection.formats import EvidenceKind
from claims.models import Order, Piece, Upload
from claims.models.upload import is_token

MOST_FILES = 6
INSPECT_UPLOAD = "claims.inspect_upload"
INSPECTION_QUEUE = "inspection"


@dataclass(frozen=True, kw_only=True)
class Received:
    """A file that came in whole, with its size, its hash, and its kind by the first bytes."""

    file: File[bytes]
    name: str
    kind: EvidenceKind
    size: int
    sha256: str


def receive_upload(*, order: Order, by: User, received: Received, now: datetime) -> Upload:
    """Put a file into the spool and have a worker inspect it.

    Raises `ValidationError` (`files`) when the order has as many unused files as a claim may show,
    `LimitReached` when the customer has sent too much, `StoreUnavailable` when the spool doesn't
    take the file, and `PermissionDenied`.
    """
    with spooled(received.file, size=received.size) as name:
        return _keep_upload(order=order, by=by, received=received, spool_name=name, now=now)


@transaction.atomic(durable=True)
def _keep_upload(
    *, order: Order, by: User, received: Received, spool_name: str, now: datetime
) -> Upload:
    make_room(order, by=by, size=received.size, now=now)
    upload = Upload.objects.create(
        order=order,
        customer=by,
        kind=kind_of(received.kind),
        original_name=received.name,
        size=received.size,
        received=received.size,
        sha256=received.sha256,
        received_at=now,
    )
    Piece.objects.create(
        upload=upload, offset=0, size=received.size, name=spool_name, sha256=received.sha256
    )
    have_inspected(upload)
    return upload


def make_room(order: Order, *, by: User, size: int, now: datetime) -> None:
    """Lock the customer and the order. Raise as `receive_upload` if `size` bytes are too much."""
    lock_customer(by)
    lock_order_of(by, order.pk)
    refuse_too_many(unused(order).exclude(expired(now)).count() + 1)
    refuse_beyond_quota(by, size=size, now=now)


def have_inspected(upload: Upload) -> None:
    """Have a worker inspect the upload after the commit."""
    inspection = app.configure_task(
        INSPECT_UPLOAD, queue=INSPECTION_QUEUE, lock=f"upload:{upload.pk}"
    )
    inspection.defer(upload_id=upload.pk)


@transaction.atomic(durable=True)
def discard_upload(*, token: str, order_id: int, by: User, now: datetime) -> None:
    """Remove an upload that no claim shows yet. Removing it again changes nothing."""
    order = lock_order_of(by, order_id)
    if not is_token(token):
        return
    upload = unused(order).select_for_update(of=("self",)).filter(token=token, customer=by).first()
    if upload is not None:
        remove_files(upload, now=now)


def unused(order: Order) -> models.QuerySet[Upload]:
    """Return the order's uploads that no claim shows yet, without the removed ones."""
    return Upload.objects.filter(order=order, evidence__isnull=True).exclude(
        state=Upload.State.REMOVED
    )


def refuse_too_many(count: int) -> None:
    """Raise `ValidationError` (`files`) if `count` is more files than a claim may show."""
    if count > MOST_FILES:
        raise ValidationError(
            _("A claim shows at most %(most)d files. Remove one first."),
            code="files",
            params={"most": MOST_FILES},
        )
