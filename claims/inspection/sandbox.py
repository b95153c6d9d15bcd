"""Runs Python code in a confined child process and waits for it, for a limited time."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from io import BufferedReader
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from claims.inspection.limits import Limits
from claims.inspection.report import Problem

PROJECT_ROOT: Final = str(Path(__file__).resolve().parents[2])

# `-I` keeps the environment, the user's own packages and the working folder (which the child
# writes to) off the import path, and with them the project; so it is named in an argument.
PREAMBLE: Final = """\
import json, sys
sys.path.insert(0, sys.argv[1])
from claims.inspection.confinement import confine
from claims.inspection.limits import Limits
confine(Limits(**json.loads(sys.argv[2])))
"""

# Nothing of the caller's environment: it holds the database's password and the secret key. Two
# arenas keep threads from reserving 64 MiB of address space each.
ENVIRONMENT: Final = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}

ANSWER_BYTES: Final = 64 * 1024


class InspectionError(RuntimeError):
    """The inspection itself could not run: a full disk, a broken installation. Try again later;
    the file may be fine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a child ended. A negative return code is the signal that killed it."""

    returncode: int
    timed_out: bool
    output: bytes
    log: str

    @property
    def last_words(self) -> str:
        """For the operator's log."""
        return f"exit {self.returncode} {self.problem or ''} {self.log[-2000:].strip()!r}"

    @property
    def problem(self) -> Problem | None:
        """What a death says about the file; None when the child ended by itself."""
        if self.timed_out or self.returncode == -signal.SIGXCPU:
            return Problem.TOOK_TOO_LONG
        if self.returncode == -signal.SIGKILL:
            # Not killed from here, so by the system: out of memory.
            return Problem.USED_TOO_MUCH
        if self.returncode < 0 or len(self.output) > ANSWER_BYTES:
            return Problem.DAMAGED
        return None


def run_confined(work: str, *, source: BufferedReader, into: Path, limits: Limits) -> Ending:
    """Run the code `work` with `source` as its standard input and `into` as its folder.

    What it prints goes to files rather than pipes, so that the limit on file size holds for it
    too, and a child that prints without end fills neither a pipe nor this process's memory.
    """
    arguments = ["-I", "-c", PREAMBLE + work, PROJECT_ROOT, json.dumps(asdict(limits))]
    with TemporaryFile() as output, TemporaryFile() as log:
        child = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=source,
            stdout=output,
            stderr=log,
            cwd=into,
            env=ENVIRONMENT,
            start_new_session=True,
        )
        timed_out = _wait_or_kill(child, limits.wall_seconds)
        return Ending(
            returncode=child.returncode,
            timed_out=timed_out,
            output=_first(output, ANSWER_BYTES + 1),
            log=_first(log, ANSWER_BYTES).decode(errors="replace"),
        )


def _wait_or_kill(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """True when the time was over. The child is gone and reaped in every case, also when this
    process is interrupted while it waits."""
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return True
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    return False


def _first(stream: IO[bytes], count: int) -> bytes:
    stream.seek(0)
    return stream.read(count)
