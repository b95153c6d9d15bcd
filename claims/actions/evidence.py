"""How a file becomes evidence: received, inspected by a worker, attached to a claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from procrastinate.contrib.django import app

from accounts.models import User
from claims import storage
from claims.actions.locking import lock_claim_of, lock_order, lock_order_of, refuse_closed
from claims.actions.recording import record, tell_customer
from claims.inspection import Report
from claims.models import Claim, Event, Evidence, Message, Order, Rendition, Upload
from claims.models.upload import is_token

MOST_FILES = 6
INSPECT_UPLOAD = "claims.inspect_upload"
INSPECTION_QUEUE = "inspection"


@dataclass(frozen=True, kw_only=True)
class Received:
    """A file that came in whole: what it is by its first bytes, its size and its hash."""

    file: File[bytes]
    name: str
    kind: str
    size: int
    sha256: str


def receive_upload(*, order: Order, by: User, received: Received, now: datetime) -> Upload:
    """Put a file into the spool and have a worker inspect it.

    Raises `ValidationError` (`files`) when the order has as many files as a claim may show.
    """
    name = storage.put_in_spool(received.file)
    try:
        return _keep_upload(order=order, by=by, received=received, spool_name=name, now=now)
    except BaseException:
        storage.spool().delete(name)
        raise


@transaction.atomic(durable=True)
def _keep_upload(
    *, order: Order, by: User, received: Received, spool_name: str, now: datetime
) -> Upload:
    lock_order_of(by, order.pk)
    _refuse_too_many(Upload.objects.filter(order=order, evidence__isnull=True).count() + 1)
    upload = Upload.objects.create(
        order=order,
        customer=by,
        kind=received.kind,
        original_name=received.name,
        size=received.size,
        sha256=received.sha256,
        spool_name=spool_name,
        received_at=now,
    )
    inspection = app.configure_task(
        INSPECT_UPLOAD, queue=INSPECTION_QUEUE, lock=f"upload:{upload.pk}"
    )
    inspection.defer(upload_id=upload.pk)
    return upload


@transaction.atomic(durable=True)
def discard_upload(*, token: str, order_id: int, by: User) -> None:
    """Remove a file that no claim shows yet. Removing it again changes nothing."""
    lock_order_of(by, order_id)
    if not is_token(token):
        return
    upload = Upload.objects.filter(
        token=token, order_id=order_id, customer=by, evidence__isnull=True
    ).first()
    if upload is None:
        return
    spooled = upload.spool_name
    renditions = list(upload.renditions.values_list("name", flat=True))
    upload.renditions.all().delete()
    upload.delete()
    transaction.on_commit(lambda: storage.delete_all(storage.spool(), [spooled]))
    transaction.on_commit(lambda: storage.delete_all(storage.store(), renditions))


def lock_unused(tokens: Sequence[str], *, order_id: int, by: User) -> list[Upload]:
    """The person's uploads for this order that no claim shows yet, in the order they came."""
    wanted = set(tokens)
    _refuse_too_many(len(wanted))
    uploads = list(
        Upload.objects.select_for_update(of=("self",))
        .filter(
            token__in=filter(is_token, wanted),
            order_id=order_id,
            customer=by,
            evidence__isnull=True,
        )
        .exclude(state=Upload.State.REFUSED)
        .order_by("pk")
    )
    if len(uploads) != len(wanted):
        raise ValidationError(
            "One of the files isn't there any more, or can't be used."
            " Check the list and send it again.",
            code="files",
        )
    return uploads


def attach(claim: Claim, *, now: datetime) -> None:
    """Make the claim's new uploads its evidence."""
    Evidence.objects.bulk_create(
        Evidence(claim=claim, upload=upload, added_at=now) for upload in claim.new_uploads
    )


@transaction.atomic(durable=True)
def add_evidence(
    *, claim_id: int, by: User, uploads: Sequence[str], message: str, now: datetime
) -> Claim:
    """The customer adds files or words to an open claim, which goes back to the reviewers.

    Raises `ValidationError`: `closed`, or `files` when there is nothing to add or too much.
    """
    claim = lock_claim_of(by, claim_id)
    refuse_closed(claim)
    claim.new_uploads = lock_unused(uploads, order_id=claim.order_id, by=by)
    if not claim.new_uploads and not message.strip():
        raise ValidationError("Add a file, or write a message.", code="files")
    _refuse_too_many(len(claim.new_uploads) + claim.usable_evidence().count())
    attach(claim, now=now)
    if message.strip():
        Message.objects.create(
            claim=claim, author=by, from_staff=False, body=message.strip(), sent_at=now
        )
    if claim.status == Claim.Status.WAITING_CUSTOMER:
        claim.move(Claim.Status.SUBMITTED)
    kinds = [upload.kind for upload in claim.new_uploads]
    record(claim, Event.Kind.EVIDENCE_ADDED, at=now, actor=by, kinds=kinds)
    return claim


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A rendition that is in the store already."""

    role: str
    name: str
    media_type: str
    width: int
    height: int
    size: int
    sha256: str


@transaction.atomic(durable=True)
def finish_inspection(
    *, upload_id: int, report: Report, stored: Sequence[Stored], now: datetime
) -> bool:
    """Write down what the inspection found. The original goes; only renditions stay.

    Answers False when there is nothing to finish: the upload was removed meanwhile, or another
    worker was first. Then the caller deletes what it has stored.
    """
    order_id = Upload.objects.filter(pk=upload_id).values_list("order_id", flat=True).first()
    if order_id is None:
        return False
    lock_order(order_id)
    upload = Upload.objects.select_for_update().filter(pk=upload_id).first()
    if upload is None or upload.state != Upload.State.WAITING:
        return False
    _write_report(upload, report=report, now=now)
    Rendition.objects.bulk_create(
        Rendition(upload=upload, **vars(rendition)) for rendition in stored
    )
    _tell_claim(upload, now=now)
    return True


def _write_report(upload: Upload, *, report: Report, now: datetime) -> None:
    spooled = upload.spool_name
    upload.state = Upload.State.ACCEPTED if report.ok else Upload.State.REFUSED
    upload.problem = report.message
    upload.report = report.as_dict()
    upload.inspected_at = now
    upload.spool_name = ""
    upload.save()
    transaction.on_commit(lambda: storage.delete_all(storage.spool(), [spooled]))


def _tell_claim(upload: Upload, *, now: datetime) -> None:
    """A file that can't be used sends the claim back to its customer."""
    evidence = Evidence.objects.filter(upload=upload).first()
    if evidence is None:
        return
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=evidence.claim_id)
    if upload.is_usable:
        record(claim, Event.Kind.EVIDENCE_ACCEPTED, at=now, actor=None, file=upload.original_name)
        return
    event = record(
        claim,
        Event.Kind.EVIDENCE_REFUSED,
        at=now,
        actor=None,
        file=upload.original_name,
        problem=upload.problem,
    )
    if claim.status == Claim.Status.SUBMITTED:
        claim.move(Claim.Status.WAITING_CUSTOMER)
    if claim.is_open:
        tell_customer(event)


def _refuse_too_many(count: int) -> None:
    if count > MOST_FILES:
        raise ValidationError(
            "A claim shows at most %(most)d files. Remove one first.",
            code="files",
            params={"most": MOST_FILES},
        )
