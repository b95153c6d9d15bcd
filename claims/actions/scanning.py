"""What the malware scanner's word means for an upload. It is asked before anything is decoded."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from claims.inspection import Problem, malware
from claims.models import Upload

SCAN_TRIES = 5
"""With the back-off of inspections, about five minutes. Then an optional scan is done without."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Scanned:
    scan: str = Upload.Scan.NOT_SCANNED
    problem: Problem | None = None
    """Why the file must not even be decoded."""
    note: str = ""
    """For the reviewer: the signature's name, or why there was no scan."""


NO_SCAN = Scanned()


def scan_original(original: Path, *, attempt: int) -> Scanned:
    """Have a file scanned, as far as `CLAMD_URL` and `MALWARE_SCAN` ask for it.

    Raises `malware.ScannerUnavailable` while it is worth waiting; for a required scan that is
    always.
    """
    try:
        return _read(_ask(original))
    except malware.ScannerUnavailable as failure:
        if settings.MALWARE_SCAN == "required" or not _is_hopeless(failure, attempt):
            raise
        log.warning("A file goes on without a malware scan: %s", failure)
        return Scanned(note=str(failure))


def _ask(original: Path) -> malware.Scan:
    if settings.CLAMD_URL:
        return malware.scan(original, settings.CLAMD_URL)
    if settings.MALWARE_SCAN == "required":
        raise malware.ScannerUnavailable("CLAMD_URL is empty.")
    return malware.Scan(verdict=malware.Verdict.NOT_SCANNED)


def _is_hopeless(failure: malware.ScannerUnavailable, attempt: int) -> bool:
    """A wrong configuration doesn't mend itself in five minutes."""
    return isinstance(failure, malware.ScannerUnreliable) or attempt + 1 >= SCAN_TRIES


def _read(found: malware.Scan) -> Scanned:
    if found.verdict is malware.Verdict.CLEAN:
        return Scanned(scan=Upload.Scan.CLEAN)
    if found.verdict is malware.Verdict.INFECTED:
        return Scanned(problem=Problem.MALWARE, note=found.detail)
    required = settings.MALWARE_SCAN == "required"
    return Scanned(problem=Problem.NOT_SCANNED if required else None, note=found.detail)
