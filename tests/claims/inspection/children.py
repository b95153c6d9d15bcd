"""Runs code in a child process as an inspection does, or without a part of its confinement."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from claims.inspection import Limits
from claims.inspection.confinement import sandbox
from claims.inspection.confinement.sandbox import Ending, run_confined

MEBIBYTE = 1024 * 1024

UNCONFINED = sandbox.PREAMBLE.replace("\nconfine(", "\n(")

REPORTING = """
import ctypes, json, os
def attempt(action):
    try:
        action()
        return "done"
    except (OSError, ValueError) as error:
        return type(error).__name__
def call(number, *arguments):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), "refused")
"""


def run(work: str, into: Path, *, limits: Limits | None = None) -> Ending:
    with Path(os.devnull).open("rb") as nothing:
        return run_confined(work, source=nothing, into=into, limits=limits or Limits())


def changed(change: str) -> str:
    """Return the child's preamble with a change to its confinement."""
    return sandbox.PREAMBLE.replace(
        "\nconfine(",
        "\nfrom claims.inspection.confinement import landlock, restrictions, seccomp"
        f"\n{change}\nconfine(",
    )


def processes_in(folder: Path) -> list[str]:
    """Return the processes whose working folder this is."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder:
                found.append(entry.name)
        except OSError:
            continue
    return found


def eventually(condition: Callable[[], bool], seconds: float = 120) -> bool:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    return condition()
