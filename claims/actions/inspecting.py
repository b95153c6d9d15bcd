"""The way of one upload through the inspection, as a worker goes it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from claims import storage
from claims.actions.locking import lock_order
from claims.actions.receiving import delete_after_commit
from claims.actions.recording import record, tell_customer
from claims.inspection import Report, inspect
from claims.models import Claim, Event, Evidence, Rendition, Upload


def inspect_upload(*, upload_id: int, clock: Callable[[], datetime]) -> None:
    """Inspect a spooled upload, keep its renditions, and write down what was found.

    Nothing is locked while the child process works. `clock` is asked when the work is done. An
    upload that is gone or inspected already is left alone.
    """
    upload = Upload.objects.filter(pk=upload_id, state=Upload.State.WAITING).first()
    if upload is None:
        return
    with storage.out_of_spool(upload.spooled()) as original, storage.working_folder() as folder:
        report = inspect(original, folder)
        stored = _put_renditions(report, folder)
    kept = False
    try:
        kept = finish_inspection(upload_id=upload_id, report=report, stored=stored, now=clock())
    finally:
        if not kept:
            storage.delete_all(storage.store(), [rendition.name for rendition in stored])


def _put_renditions(report: Report, folder: Path) -> list[Stored]:
    return [
        Stored(
            role=Path(made.name).stem,
            name=storage.put_in_store(folder / made.name),
            media_type=made.media_type,
            width=made.width,
            height=made.height,
            size=made.size,
            sha256=made.sha256,
        )
        for made in report.renditions
    ]


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
    spooled = upload.spooled()
    upload.pieces.all().delete()
    upload.state = Upload.State.ACCEPTED if report.ok else Upload.State.REFUSED
    upload.problem = report.message
    upload.report = report.as_dict()
    upload.inspected_at = now
    upload.sha256 = report.sha256
    upload.save()
    delete_after_commit(spooled=spooled)


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
