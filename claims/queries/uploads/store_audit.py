"""A comparison of rows and files: it finds missing, left-over and changed files.

It goes through a store folder by folder, of which there are 256, so its memory is bounded by the
largest of them. A live system changes meanwhile, so each finding is checked a second time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.core.files.storage import Storage
from django.db import models

from claims import storage
from claims.models import Piece, Rendition

CHUNK = 1024 * 1024
FOLDERS = [f"{number:02x}" for number in range(256)]
"""The folders into which `storage.new_name` spreads the names."""


class Fault(StrEnum):
    MISSING = "missing"
    """A row names a file that doesn't exist."""
    LEFT_OVER = "left over"
    """No row names the file."""
    CHANGED = "changed"
    """The file's bytes are not those that were stored."""


@dataclass(frozen=True, kw_only=True)
class StoreFault:
    fault: Fault
    place: str
    """`spool` or `evidence`."""
    name: str
    details: str = ""


@dataclass(frozen=True)
class KeptFile:
    """The row of a file: its key, and the size and hash of the file."""

    pk: int
    size: int
    sha256: str
    """In hexadecimal; '' for a piece that was stored before pieces had a hash."""


class StoredFiles:
    """The spool or the evidence store, with the rows that name its files."""

    def __init__(self, label: str, files: Storage, model: type[Piece | Rendition]) -> None:
        self.label = label
        self.files = files
        self.model = model

    @property
    def rows(self) -> models.QuerySet[Piece] | models.QuerySet[Rendition]:
        return self.model._default_manager.all()

    def folders(self) -> list[str]:
        """Return the folders that exist."""
        return storage.folders(self.files)

    def rows_in(self, folder: str) -> dict[str, KeptFile]:
        """Return the rows of the files in a folder, by name."""
        if not folder:
            return {}
        rows = self.rows.filter(name__startswith=f"{folder}/").order_by()
        return {
            name: KeptFile(pk, size, sha256)
            for name, pk, size, sha256 in rows.values_list("name", "pk", "size", "sha256")
        }

    def is_named(self, name: str) -> bool:
        """Return True if a row names this file by now."""
        return self.rows.filter(name=name).exists()

    def has(self, name: str) -> bool:
        with storage.store_errors():
            return self.files.exists(name)

    def is_older(self, name: str, *, than: datetime) -> bool:
        """Return True if the file was stored before `than`; False if it is gone."""
        kept_at = storage.modified_at(self.files, name)
        return kept_at is not None and kept_at < than


def places() -> list[StoredFiles]:
    return [
        StoredFiles("spool", storage.spool(), Piece),
        StoredFiles("evidence", storage.store(), Rendition),
    ]


def left_over(place: StoredFiles, *, now: datetime, grace: timedelta) -> Iterator[str]:
    """Yield the names of files older than `grace` that no row names."""
    for folder in place.folders():
        names = storage.names_in(place.files, folder)
        yield from _left_over(place, names, place.rows_in(folder), before=now - grace)


def _left_over(
    place: StoredFiles, names: list[str], rows: dict[str, KeptFile], *, before: datetime
) -> Iterator[str]:
    """Yield names without a row. A file is stored before its row, so check for a new row again."""
    for name in names:
        if name not in rows and place.is_older(name, than=before) and not place.is_named(name):
            yield name


def faults(*, now: datetime, grace: timedelta, hashing: bool) -> Iterator[StoreFault]:
    """Yield every fault in the spool and in the store. Raises `StoreUnavailable`."""
    for place in places():
        there = place.folders()
        for folder in sorted({*FOLDERS, *there}):
            is_there = folder in there
            yield from _faults_in(place, folder, is_there, before=now - grace, hashing=hashing)


def _faults_in(
    place: StoredFiles, folder: str, is_there: bool, *, before: datetime, hashing: bool
) -> Iterator[StoreFault]:
    rows = place.rows_in(folder)
    # Listing a folder of a bucket takes a request, so folders that don't exist are skipped.
    names = storage.names_in(place.files, folder) if is_there else []
    for name in _left_over(place, names, rows, before=before):
        yield StoreFault(fault=Fault.LEFT_OVER, place=place.label, name=name)
    present = set(names)
    for name, kept in sorted(rows.items()):
        finding = _fault_of(place, name, kept, listed=name in present, hashing=hashing)
        # A file is deleted after its row, so a file whose row is gone by now is no fault.
        if finding and place.is_named(name):
            yield finding


def _fault_of(
    place: StoredFiles, name: str, kept: KeptFile, *, listed: bool, hashing: bool
) -> StoreFault | None:
    details = f"{place.model._meta.verbose_name} {kept.pk}"
    if not listed and not place.has(name):
        return StoreFault(fault=Fault.MISSING, place=place.label, name=name, details=details)
    changed = _change_of(place, name, kept, hashing=hashing)
    if changed is None:
        return None
    return StoreFault(
        fault=Fault.CHANGED, place=place.label, name=name, details=f"{details}: {changed}"
    )


def _change_of(place: StoredFiles, name: str, kept: KeptFile, *, hashing: bool) -> str | None:
    """Return the difference from the row; None if there is none or the file is gone by now."""
    with storage.store_errors():
        try:
            size = place.files.size(name)
            if size != kept.size:
                return f"{size} bytes, not {kept.size}"
            if hashing and kept.sha256 and _sha256(place.files, name) != kept.sha256:
                return "another SHA-256"
        except FileNotFoundError:
            return None
    return None


def _sha256(files: Storage, name: str) -> str:
    with files.open(name) as file:
        found = hashlib.sha256()
        for chunk in file.chunks(CHUNK):
            found.update(chunk)
    return found.hexdigest()
