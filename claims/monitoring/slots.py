"""The files in which the web processes of one machine count, one set of files for each process.

prometheus-client names such files by the process's id, so they would pile up as processes come and
go. Here a process takes the lowest slot that no living process holds, and counts on in its files.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

COUNTERS: Final = ("counter", "histogram")
GAUGES: Final = "gauge_sum"
RESERVED_BYTES: Final = 2 * 1024 * 1024
"""The room of each file, more than all views need. A hole in a mapped file on a full disk would
kill the process that writes into it."""


def take_slot(folder: Path) -> int:
    """Take the lowest free slot until this process ends. Raises `OSError` if the disk is full."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in count(1):
        handle = _lock(folder, number)
        if handle is not None:
            for kind in (*COUNTERS, GAUGES):
                _reserve(folder / f"{kind}_{number}.db")
            return number
    raise AssertionError


def forget_gauges_of_the_dead(folder: Path) -> None:
    """Delete what ended processes said of their present state. Their counts stay."""
    for file in folder.glob(f"{GAUGES}_*.db"):
        handle = _lock(folder, int(file.stem.rpartition("_")[2]))
        if handle is not None:
            file.unlink(missing_ok=True)
            os.close(handle)


def _lock(folder: Path, number: int) -> int | None:
    """Return the open lock of a slot, or None if a living process holds it."""
    handle = os.open(folder / f"slot-{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with suppress(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return handle
    os.close(handle)
    return None


def _reserve(file: Path) -> None:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(handle, 0, RESERVED_BYTES)
    finally:
        os.close(handle)
