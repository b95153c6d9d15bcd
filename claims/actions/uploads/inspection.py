"""The steps by which a worker takes one upload through the inspection."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from hashlib import file_digest
from pathlib import Path

from django.db import InterfaceError, OperationalError, transaction

from claims import storage
from claims.actions.core.claim_columns import refresh
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claim_on, lock_order
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.uploads.files import delete_after_commit
from claims.actions.uploads.interruptions import (
    AT_ONCE,
    TriedAgain,
    count_interruption,
    interrupted_too_long,
)
from claims.actions.uploads.malware_scan import NO_SCAN, Scanned, scan_original
from claims.actions.uploads.repeats import look_for_repeats
from claims.inspection import (
    FileProblem,
    InspectionError,
    InspectionReport,
    Interrupted,
    IsStopping,
    Stopped,
    inspect,
)
from claims.inspection import RenditionFile as Made
from claims.inspection.malware import ScannerUnavailable
from claims.models import Claim, Event, Evidence, Fingerprint, Order, Rendition, Upload

BACK_SOON = (
    storage.StoreUnavailable,
    ScannerUnavailable,
    InspectionError,
    OSError,
    MemoryError,
    OperationalError,
    InterfaceError,
)
"""Failures that end when the store, the scanner, the disk, memory or the database is back."""
LOST_TRIES = 10
"""Tries after `Lost`. With the back-off, about half an hour: a disk may be mounted late."""
TRIES = 5
"""Tries after an unforeseen failure."""
ASKS_AGAIN = {Claim.Status.SUBMITTED, Claim.Status.REPAIRING}
"""Statuses in which an unusable file makes us ask the customer for another one."""

log = logging.getLogger(__name__)


class Lost(storage.StoreUnavailable):
    """The bytes in the spool are missing, or aren't those that the upload's rows describe."""


def inspect_upload(
    *,
    upload_id: int,
    clock: Callable[[], datetime],
    attempt: int = 0,
    is_stopping: IsStopping = lambda: False,
) -> None:
    """Inspect a spooled upload, keep its renditions, and save the report.

    This holds no lock while the child process works, and calls `clock` after it. It ignores an
    upload that is gone or inspected already. `attempt` counts the earlier tries. A failure in
    `BACK_SOON`, except `Lost`, is raised each time. Any other failure is raised until `LOST_TRIES`
    or `TRIES` are used up; then it refuses the upload.

    Raises `TriedAgain` for an inspection that a signal from outside interrupted, until no try is
    left, and for one that ended because `is_stopping` said so, which isn't counted.
    """
    upload = Upload.objects.filter(pk=upload_id, state=Upload.State.WAITING).first()
    if upload is None:
        return
    try:
        _inspect(upload, attempt=attempt, clock=clock, is_stopping=is_stopping)
    except Stopped as stop:
        log.info("Upload %s is inspected again by another worker.", upload.pk)
        _say(upload, "interrupted")
        raise TriedAgain(wait=AT_ONCE) from stop
    except Interrupted as interruption:
        log.warning("The inspection of upload %s was interrupted: %s", upload.pk, interruption)
        wait = take_interruption(upload_id=upload.pk, now=clock())
        if wait is not None:
            raise TriedAgain(wait=wait) from interruption
    except Exception as failure:  # raised below, or logged with the refusal
        problem = _reason_to_give_up(failure, attempt)
        if problem is None:
            log.warning("Upload %s is inspected again later: %r", upload.pk, failure)
            _say(upload, "delayed")
            raise
        log.exception("Upload %s can't be inspected.", upload.pk)
        _refuse(upload, problem, now=clock())


def take_interruption(*, upload_id: int, now: datetime) -> int | None:
    """Count an interruption, or refuse an upload that has no try left.

    Return the seconds before the next try; None if there is none. Also for the upload of a killed
    worker, which couldn't count.
    """
    wait = count_interruption(upload_id=upload_id, now=now)
    waiting = Upload.objects.filter(pk=upload_id, state=Upload.State.WAITING)
    if wait is None and (upload := waiting.first()):
        log.error("Upload %s can't be inspected: it was interrupted too often.", upload_id)
        _refuse(upload, FileProblem.INTERRUPTED, now=now)
    return wait


def refuse_interrupted_too_long(*, now: datetime, limit: int) -> int:
    """Refuse uploads that no try was made on in time, and return their number."""
    uploads = interrupted_too_long(now=now)[:limit]
    for upload in uploads:
        log.error("Upload %s can't be inspected: no try was made in time.", upload.pk)
        _refuse(upload, FileProblem.INTERRUPTED, now=now)
    return len(uploads)


def _refuse(upload: Upload, problem: FileProblem, *, now: datetime) -> None:
    report = _refusal(problem, sha256=upload.sha256, size=upload.size)
    finish_inspection(upload_id=upload.pk, report=report, stored=[], now=now)


def _say(upload: Upload, what: str) -> None:
    """Have pages say that the inspection takes longer. A lost database is no error here."""
    with suppress(OperationalError, InterfaceError):
        waiting = Upload.objects.filter(pk=upload.pk, state=Upload.State.WAITING)
        waiting.update(report={what: True})


def _reason_to_give_up(failure: Exception, attempt: int) -> FileProblem | None:
    if isinstance(failure, Lost):
        return FileProblem.LOST if attempt + 1 >= LOST_TRIES else None
    if isinstance(failure, BACK_SOON):
        return None
    return FileProblem.NOT_CHECKED if attempt + 1 >= TRIES else None


def _refusal(problem: FileProblem, *, sha256: str, size: int) -> InspectionReport:
    return InspectionReport(ok=False, problem=problem, sha256=sha256, size=size)


def _inspect(
    upload: Upload, *, attempt: int, clock: Callable[[], datetime], is_stopping: IsStopping
) -> None:
    with _original(upload) as original, storage.working_folder() as folder:
        scanned = scan_original(original, attempt=attempt)
        report = _report(upload, original, folder, scanned, is_stopping)
        _refuse_to_believe(upload, report)
        stored = _put_renditions(report, folder)
    try:
        kept = finish_inspection(
            upload_id=upload.pk, report=report, stored=stored, scanned=scanned, now=clock()
        )
    except (OperationalError, InterfaceError):
        # Nobody knows whether the rows were written. A sweep deletes a file without a row later; a
        # row without a file would be a loss.
        raise
    except BaseException:
        _discard(stored)
        raise
    if not kept:
        _discard(stored)


def _discard(stored: Sequence[Stored]) -> None:
    storage.discard(storage.store(), [rendition.name for rendition in stored])


@contextmanager
def _original(upload: Upload) -> Iterator[Path]:
    """Yield a local copy of the upload. Raises `Lost` and `storage.StoreUnavailable`."""
    with ExitStack() as stack:
        try:
            original = stack.enter_context(storage.out_of_spool(upload.spooled()))
        except storage.StoreUnavailable as failure:
            if isinstance(failure.__cause__, FileNotFoundError):
                raise Lost(str(failure)) from failure
            raise
        found = original.stat().st_size
        if found != upload.size:
            raise Lost(f"The spool gave {found} of {upload.size} bytes.")
        yield original


def _report(
    upload: Upload, original: Path, folder: Path, scanned: Scanned, is_stopping: IsStopping
) -> InspectionReport:
    """Return the report of the inspection. A file that the scanner stops is never decoded."""
    if scanned.problem is None:
        return inspect(
            original,
            folder,
            on_progress=lambda percent: show_progress(upload, percent),
            is_stopping=is_stopping,
        )
    with original.open("rb") as source:
        sha256 = file_digest(source, "sha256").hexdigest()
    return _refusal(scanned.problem, sha256=sha256, size=original.stat().st_size)


def show_progress(upload: Upload, percent: int) -> None:
    """Save the progress of an inspection. It never goes back, even in another try."""
    waiting = Upload.objects.filter(pk=upload.pk, state=Upload.State.WAITING)
    waiting.filter(progress__lt=percent).update(progress=percent)


def _refuse_to_believe(upload: Upload, report: InspectionReport) -> None:
    """Raise `Lost` unless the size and hash of the inspected file are those of the upload."""
    if report.size != upload.size or report.sha256 != (upload.sha256 or report.sha256):
        raise Lost(f"The spool has changed bytes of upload {upload.pk}.")


def _put_renditions(report: InspectionReport, folder: Path) -> list[Stored]:
    """Store all renditions and return them. If one fails, delete the others and raise."""
    stored: list[Stored] = []
    try:
        for made in report.renditions:
            stored.append(_put(made, folder))  # noqa: PERF401 - kept when a later one fails
    except storage.StoreUnavailable:
        storage.discard(storage.store(), [rendition.name for rendition in stored])
        raise
    return stored


def _put(made: Made, folder: Path) -> Stored:
    return Stored(
        role=Path(made.name).stem,
        name=storage.put_in_store(folder / made.name),
        media_type=made.media_type,
        width=made.width,
        height=made.height,
        size=made.size,
        sha256=made.sha256,
    )


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A rendition in the store that has no row yet."""

    role: str
    name: str
    media_type: str
    width: int
    height: int
    size: int
    sha256: str


@transaction.atomic(durable=True)
def finish_inspection(
    *,
    upload_id: int,
    report: InspectionReport,
    stored: Sequence[Stored],
    now: datetime,
    scanned: Scanned = NO_SCAN,
) -> bool:
    """Save the report and the renditions of an inspection, and delete the original.

    Return False if there is nothing to finish, because the upload was removed meanwhile or another
    worker was first. The caller then deletes the renditions that it stored.
    """
    order_id = Upload.objects.filter(pk=upload_id).values_list("order_id", flat=True).first()
    if order_id is None:
        return False
    order = lock_order(order_id)
    upload = Upload.objects.select_for_update().filter(pk=upload_id).first()
    if upload is None or upload.state != Upload.State.WAITING:
        return False
    _write_report(upload, report=report, scanned=scanned, now=now)
    Rendition.objects.bulk_create(
        Rendition(upload=upload, **vars(rendition)) for rendition in stored
    )
    Fingerprint.objects.bulk_create(
        Fingerprint.of(upload, position=position, bits=bits)
        for position, bits in enumerate(report.fingerprints)
    )
    _tell_claim(upload, order, now=now)
    return True


def _write_report(
    upload: Upload, *, report: InspectionReport, scanned: Scanned, now: datetime
) -> None:
    spooled = upload.spooled()
    upload.pieces.all().delete()
    upload.state = Upload.State.ACCEPTED if report.ok else Upload.State.REFUSED
    upload.problem = report.problem or ""
    upload.report = report.as_dict() | {"malware_scan": scanned.note}
    upload.scan = scanned.scan
    upload.progress = 100
    upload.inspected_at = now
    upload.sha256 = report.sha256
    upload.save()
    delete_after_commit(spooled=spooled)


def _tell_claim(upload: Upload, order: Order, *, now: datetime) -> None:
    """Record the result on the claim that shows the upload.

    An unusable file sends a submitted claim back to its customer; a repair goes on meanwhile. A
    file that we failed to check doesn't: a claim never ends because the customer didn't repair
    our failure in time.
    """
    evidence = Evidence.objects.filter(upload=upload).first()
    if evidence is None:
        return
    claim = lock_claim_on(order, evidence.claim_id)
    if upload.is_usable:
        record(claim, Event.Kind.EVIDENCE_ACCEPTED, at=now, actor=None, file=upload.original_name)
        look_for_repeats(claim)
    else:
        _tell_refused(claim, upload, now=now)
    refresh(claim)


def _tell_refused(claim: Claim, upload: Upload, *, now: datetime) -> None:
    asks = claim.status in ASKS_AGAIN and not FileProblem(upload.problem).is_ours
    event = record(
        claim,
        Event.Kind.EVIDENCE_REFUSED,
        at=now,
        actor=None,
        change=claim.wait(at=now) if asks else None,
        file=upload.original_name,
        problem=upload.problem,
    )
    if claim.is_open:
        tell_customer(event)
