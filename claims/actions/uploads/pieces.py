"""The intake of a file in pieces. Each piece is a file in the spool, with a row of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import storage
from claims.actions.core.locks import lock_upload_of
from claims.actions.uploads.evidence_kinds import kind_of
from claims.actions.uploads.files import remove_files, spooled
from claims.actions.uploads.intake import have_inspected, make_room
from claims.actions.uploads.quotas import is_gone
from claims.inspection import SNIFF_BYTES, FileProblem, Limits, sniff, why_not
from claims.models import Order, Piece, Upload
from claims.wording.file_problems import file_problem

LIMITS = Limits()
FREE_PIECES = 256
"""Pieces of one upload that may be of any size, because a bad connection breaks anywhere."""
LEAST_PIECE = 1024 * 1024
"""The fewest bytes of each later piece, except the last one."""


@dataclass(frozen=True, kw_only=True)
class SentPiece:
    """Bytes that came in, with the offset in the upload that their sender names."""

    file: File[bytes]
    offset: int
    size: int
    sha256: str

    @property
    def end(self) -> int:
        return self.offset + self.size


def begin_upload(
    *, order: Order, by: User, name: str, size: int, now: datetime, metadata: str = ""
) -> Upload:
    """Create an upload that waits for `size` bytes. It keeps `metadata` unchanged, for the sender.

    Raises `ValidationError` (`empty`, `too_large`, `files`), `LimitReached` and `PermissionDenied`.
    """
    if size == 0:
        raise _refusal(FileProblem.EMPTY)
    if size > LIMITS.most_bytes:
        raise _refusal(FileProblem.TOO_LARGE)
    return _begin_upload(order=order, by=by, name=name, size=size, metadata=metadata, now=now)


@transaction.atomic(durable=True)
def _begin_upload(
    *, order: Order, by: User, name: str, size: int, metadata: str, now: datetime
) -> Upload:
    make_room(order, by=by, size=size, now=now)
    return Upload.objects.create(
        order=order,
        customer=by,
        original_name=name,
        metadata=metadata,
        size=size,
        state=Upload.State.RECEIVING,
        received_at=now,
    )


def keep_piece(*, upload: Upload, by: User, sent: SentPiece, now: datetime) -> Upload:
    """Add a piece to the upload. The last piece starts the inspection.

    Raises `ValidationError`: `gone`, `offset` when the piece doesn't begin where the upload ends,
    `too_large`, `pieces` for too many small ones, or the `FileProblem` of the first bytes, which
    also removes the upload. Raises `StoreUnavailable` when the spool doesn't take the piece, and
    `PermissionDenied`.
    """
    kind, problem = _recognise(upload, sent)
    if problem:
        _refuse_upload(upload_id=upload.pk, by=by, sent=sent, now=now)
        raise _refusal(problem)
    with spooled(sent.file, size=sent.size) as name:
        return _add_piece(upload_id=upload.pk, by=by, sent=sent, kind=kind, name=name, now=now)


@transaction.atomic(durable=True)
def _add_piece(
    *, upload_id: int, by: User, sent: SentPiece, kind: str, name: str, now: datetime
) -> Upload:
    upload = lock_upload_of(by, upload_id)
    refuse_misplaced(upload, offset=sent.offset, size=sent.size, now=now)
    Piece.objects.create(
        upload=upload, offset=sent.offset, size=sent.size, name=name, sha256=sent.sha256
    )
    upload.received = sent.end
    upload.received_at = now
    upload.kind = kind
    if upload.received == upload.size:
        upload.state = Upload.State.WAITING
        have_inspected(upload)
    upload.save(update_fields=["received", "received_at", "kind", "state"])
    return upload


@transaction.atomic(durable=True)
def _refuse_upload(*, upload_id: int, by: User, sent: SentPiece, now: datetime) -> None:
    """Remove an upload that can't be evidence; its bytes still count towards the quota."""
    upload = lock_upload_of(by, upload_id)
    refuse_misplaced(upload, offset=sent.offset, size=sent.size, now=now)
    upload.received = sent.end
    upload.received_at = now
    upload.save(update_fields=["received", "received_at"])
    remove_files(upload, now=now)


def refuse_misplaced(upload: Upload, *, offset: int, size: int, now: datetime) -> None:
    """Raise `ValidationError` for bytes that can't be the next ones of this upload."""
    if is_gone(upload, now=now):
        raise ValidationError(
            _("This upload was removed or has expired. Send the file again from its beginning."),
            code="gone",
        )
    if offset != upload.received:
        raise ValidationError(
            _("This upload goes on at byte %(next)s, not at byte %(sent)s. Send it from there."),
            code="offset",
            params={"next": upload.received, "sent": offset},
        )
    if offset + size > upload.size:
        raise ValidationError(
            _("This is more than the %(size)s bytes that were announced. Send the rest alone."),
            code="too_large",
            params={"size": upload.size},
        )
    _refuse_crumbs(upload, size=size)


def _refuse_crumbs(upload: Upload, *, size: int) -> None:
    if size in {0, upload.size - upload.received} or size >= LEAST_PIECE:
        return
    if upload.pieces.count() >= FREE_PIECES:
        raise ValidationError(
            _(
                "This upload came in %(most)s pieces already. Send the rest in pieces of at least"
                " %(least)s bytes (1 MB)."
            ),
            code="pieces",
            params={"most": FREE_PIECES, "least": LEAST_PIECE},
        )


def _recognise(upload: Upload, sent: SentPiece) -> tuple[str, FileProblem | None]:
    """Return the kind, or '' until enough bytes are here, and the problem of the first bytes."""
    if upload.kind:
        return upload.kind, None
    if sent.end < min(SNIFF_BYTES, upload.size):
        return "", None
    head = (_earlier_bytes(upload) + _first_bytes(sent))[:SNIFF_BYTES]
    found = sniff(head)
    if found is None:
        return "", why_not(head)
    if upload.size > LIMITS.max_bytes(found.evidence_kind):
        return "", FileProblem.TOO_LARGE
    return kind_of(found.evidence_kind), None


def _first_bytes(sent: SentPiece) -> bytes:
    sent.file.seek(0)
    head: bytes = sent.file.read(SNIFF_BYTES)
    sent.file.seek(0)
    return head


def _earlier_bytes(upload: Upload) -> bytes:
    """Return the first bytes of an upload without a kind: fewer than `SNIFF_BYTES` have come."""
    head = b""
    for name in upload.spooled():
        with storage.store_errors(), storage.spool().open(name) as piece:
            head += piece.read(SNIFF_BYTES)
    return head


def _refusal(problem: FileProblem) -> ValidationError:
    return ValidationError(file_problem(problem, LIMITS), code=problem.value)
