"""Sweeps that remove abandoned uploads, old evidence and files without a row.

Each sweep of rows takes a batch, skips the rows that another transaction locks, and returns the
number of rows that it removed. The next sweep finds the skipped ones. The order of locking is as
everywhere: order, claim, upload.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef

from claims import storage
from claims.actions.core.events import record
from claims.actions.uploads.files import remove_files
from claims.actions.uploads.quotas import EXPIRES_AFTER
from claims.models import Claim, Event, Evidence, Order, Upload
from claims.queries.uploads import store_audit

LINE_KEPT_FOR = timedelta(days=2)
"""The time that the row of an unused upload stays. The quota counts it for a day."""
LEFT_OVER_AFTER = timedelta(hours=22)
"""Longer than any request or inspection takes: until then, a file's row may still come."""


@transaction.atomic(durable=True)
def remove_abandoned(*, now: datetime, limit: int) -> int:
    """Remove the files of `abandoned` uploads, and return the number of uploads."""
    found = abandoned(now=now)[:limit].values_list("pk", "order_id")
    orders = _lock_free_orders(order_id for _, order_id in found)
    uploads = abandoned(now=now).filter(pk__in=[pk for pk, _ in found], order__in=orders)
    removed = 0
    for upload in uploads.select_for_update(of=("self",), skip_locked=True):
        remove_files(upload, now=now)
        removed += 1
    return removed


def abandoned(*, now: datetime) -> models.QuerySet[Upload]:
    """Return the uploads that no claim shows, from `EXPIRES_AFTER` after their last bytes on."""
    old = Upload.objects.filter(evidence__isnull=True, received_at__lte=now - EXPIRES_AFTER)
    return old.exclude(state=Upload.State.REMOVED).order_by("pk")


def _lock_free_orders(order_ids: Iterable[int]) -> list[int]:
    """Lock these orders, except those that others lock, and return the ids of the locked ones."""
    orders = Order.objects.filter(pk__in=set(order_ids)).order_by("pk")
    free = orders.select_for_update(of=("self",), skip_locked=True)
    return [order.pk for order in free]


@transaction.atomic(durable=True)
def forget_removed(*, now: datetime, limit: int) -> int:
    """Delete the rows of removed uploads that no claim ever showed, and return their number."""
    lines = Upload.objects.filter(
        state=Upload.State.REMOVED, evidence__isnull=True, removed_at__lte=now - LINE_KEPT_FOR
    ).order_by("pk")
    # No action attaches a removed upload to a claim, so this needs no lock on the order.
    held = lines.select_for_update(of=("self",), skip_locked=True)[:limit]
    ids = [upload.pk for upload in held]
    Upload.objects.filter(pk__in=ids).delete()
    return len(ids)


@transaction.atomic(durable=True)
def remove_old_evidence(*, now: datetime, days: int, limit: int) -> int:
    """Remove the evidence of claims closed more than `days` ago; return the number of claims.

    The row of each file stays, and an event records the files, the outcome and the decider.
    """
    found = claims_with_old_evidence(now=now, days=days)[:limit].values_list("pk", "order_id")
    orders = _lock_free_orders(order_id for _, order_id in found)
    claims = claims_with_old_evidence(now=now, days=days).filter(
        pk__in=[pk for pk, _ in found], order__in=orders
    )
    removed = 0
    for claim in claims.select_for_update(of=("self",), skip_locked=True):
        _remove_evidence(claim, now=now, days=days)
        removed += 1
    return removed


def claims_with_old_evidence(*, now: datetime, days: int) -> models.QuerySet[Claim]:
    """Return the claims closed more than `days` ago whose evidence still has files."""
    shown = Evidence.objects.filter(claim=OuterRef("pk")).exclude(
        upload__state=Upload.State.REMOVED
    )
    closed = Claim.objects.filter(closed_at__lte=now - timedelta(days=days))
    return closed.filter(Exists(shown)).select_related("order").order_by("pk")


def _remove_evidence(claim: Claim, *, now: datetime, days: int) -> None:
    uploads = list(
        Upload.objects.select_for_update(of=("self",))
        .filter(evidence__claim=claim)
        .exclude(state=Upload.State.REMOVED)
        .order_by("pk")
    )
    for upload in uploads:
        remove_files(upload, now=now)
        _strip(upload)
    record(
        claim,
        Event.Kind.EVIDENCE_REMOVED,
        at=now,
        actor=None,
        files=[_line_of(upload) for upload in uploads],
        days=days,
        **_ending_of(claim),
    )


def _strip(upload: Upload) -> None:
    """Clear what the file tells about a person: name, problem and report."""
    upload.original_name = ""
    upload.problem = ""
    upload.report = {}
    upload.save(update_fields=["original_name", "problem", "report"])


def _line_of(upload: Upload) -> dict[str, Any]:
    return {
        "kind": upload.kind,
        "sha256": upload.sha256,
        "size": upload.size,
        "received_at": upload.received_at.isoformat(),
    }


def _ending_of(claim: Claim) -> dict[str, Any]:
    """Return the event's data on the claim's end; a withdrawal, for example, has no decision."""
    ended: dict[str, Any] = {
        "outcome": claim.status,
        "closed_at": claim.closed_at.isoformat() if claim.closed_at else "",
    }
    decision = claim.decision
    if decision is None:
        return ended
    return ended | {
        "decided_by": decision.by.email if decision.by else "",
        "decided_by_id": decision.by_id,
        "decided_at": decision.decided_at.isoformat(),
        "decision": decision.outcome,
    }


def remove_orphans(*, now: datetime) -> int:
    """Delete files that no row names; return their number. Raises `storage.StoreUnavailable`."""
    removed = 0
    for place in store_audit.places():
        for name in store_audit.left_over(place, now=now, grace=LEFT_OVER_AFTER):
            storage.delete_all(place.files, [name])
            removed += 1
    return removed


def remove_leftovers(*, now: datetime) -> int:
    """Delete the old files and working folders of dead processes of this machine."""
    oldest = now - LEFT_OVER_AFTER
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    old = [path for path in _entries(folder) if _is_older(path, than=oldest)]
    for path in old:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(old)


def _entries(folder: Path) -> Sequence[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _is_older(path: Path, *, than: datetime) -> bool:
    try:
        return datetime.fromtimestamp(path.lstat().st_mtime, UTC) < than
    except FileNotFoundError:
        return False
