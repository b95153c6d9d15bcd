"""Confined child processes: run Python code in one, and wait for it for a limited time."""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from functools import cache
from importlib.util import find_spec
from io import BufferedReader
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from claims.inspection.confinement.progress import read_percent
from claims.inspection.limits import Limits
from claims.inspection.report import FileProblem

INSPECTION: Final = str(Path(__file__).parent.parent)

# `-I` keeps the environment, the user's own packages and the working folder (which the child writes
# to) off the import path; `-S` skips the slow search for installed packages. The arguments name all
# that the child imports from: the folders of the libraries, and this one folder of the project,
# without the modules around it and without those that `__init__` imports for the caller.
PREAMBLE: Final = """\
import json, sys
from types import ModuleType
for name, folders in ("claims", []), ("claims.inspection", [sys.argv[1]]):
    sys.modules[name] = ModuleType(name)
    sys.modules[name].__path__ = folders
sys.path += json.loads(sys.argv[3])
from claims.inspection.confinement.restrictions import confine
from claims.inspection.limits import Limits
for name in sys.argv[4:]:
    __import__(name)
confine(Limits(**json.loads(sys.argv[2])), [*sys.path, sys.argv[1]])
"""

LIBRARIES: Final = ("PIL", "pillow_heif", "av", "python_calamine")

# The child gets none of the caller's environment, which holds the database's password and the
# secret key. Two arenas keep threads from reserving 64 MiB of address space each.
ENVIRONMENT: Final = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}

ANSWER_BYTES: Final = 64 * 1024

LOOK_EVERY: Final = 2.0
"""Seconds between two readings of the child's progress."""

CHECK_EVERY: Final = 0.25
"""Seconds between two checks of the resources that no system limit counts."""

HELD_BACK: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
"""Signals that never reach the child. A supervisor sends them to all processes of a service that it
stops; the worker alone then decides whether the child may finish."""

CRASHES: Final = frozenset(
    {
        signal.SIGSEGV,
        signal.SIGBUS,
        signal.SIGILL,
        signal.SIGFPE,
        signal.SIGABRT,
        signal.SIGTRAP,
        signal.SIGSYS,
        signal.SIGXFSZ,
    }
)
"""Signals that a decoder brings on itself by what it does with the file. See docs/adr/0040."""

OnProgress = Callable[[int], None]
"""A callback that takes a percentage from 0 to 99."""

IsStopping = Callable[[], bool]
"""A callback that says whether the caller has no more time for the child."""


class InspectionError(RuntimeError):
    """The inspection could not run, for example because of a full disk or a broken installation.

    Try again later; the file may be fine.
    """


class ChildFailed(RuntimeError):
    """The child failed on this file, while a child without a file works.

    Either our code has a fault, or the file has taken over a decoder. Another try may help; a
    hundred won't.
    """


class Interrupted(RuntimeError):
    """A signal from outside ended the child, which says nothing about the file.

    The kernel sends one when memory runs out, an operator or a supervisor at any time.
    """


class Stopped(RuntimeError):
    """The caller stopped the child before it was done, because it has no more time itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The end of a child. A negative return code is the signal that killed it."""

    returncode: int
    timed_out: bool
    used_too_much: bool
    """Whether the watch killed the child."""
    output: bytes
    log: str

    @property
    def last_words(self) -> str:
        """A summary for the operator's log."""
        return f"exit {self.returncode} {self.problem or ''} {self.log[-2000:].strip()!r}"

    @property
    def problem(self) -> FileProblem | None:
        """The problem of the file that this ending implies; None if it implies none."""
        if self.timed_out or self.returncode == -signal.SIGXCPU:
            return FileProblem.TOOK_TOO_LONG
        if self.used_too_much:
            return FileProblem.USED_TOO_MUCH
        if -self.returncode in CRASHES or len(self.output) > ANSWER_BYTES:
            return FileProblem.DAMAGED
        return None

    @property
    def was_interrupted(self) -> bool:
        """Whether a signal ended the child that neither the watch nor a crash has sent."""
        return self.returncode < 0 and self.problem is None


def run_confined(
    work: str,
    *,
    source: BufferedReader,
    into: Path,
    limits: Limits,
    on_progress: OnProgress | None = None,
    is_stopping: IsStopping = lambda: False,
    modules: Sequence[str] = (),
) -> Ending:
    """Run the code `work` with `source` as standard input and `into` as the working folder.

    The child imports `modules` before it is confined. Later it couldn't save compiled code, and
    would compile the modules anew for each file.

    The output goes to files rather than pipes: the limit on file size then holds for it too, and a
    child that prints without end fills neither a pipe nor this process's memory.

    Raises `Stopped` soon after `is_stopping` says so; the child is dead then.
    """
    arguments = [INSPECTION, json.dumps(asdict(limits)), json.dumps(_installed()), *modules]
    with TemporaryFile() as output, TemporaryFile() as log:
        with _signals_held_back():
            child = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", PREAMBLE + work, *arguments],
                stdin=source,
                stdout=output,
                stderr=log,
                cwd=into,
                env=ENVIRONMENT,
                start_new_session=True,
            )
        watch = _Watch(child.pid, into, limits, output.fileno(), on_progress, is_stopping)
        timed_out = _wait_or_kill(child, limits.wall_seconds, watch)
        return Ending(
            returncode=child.returncode,
            timed_out=timed_out,
            used_too_much=watch.used_too_much,
            output=_first(output, ANSWER_BYTES + 1),
            log=_first(log, ANSWER_BYTES).decode(errors="replace"),
        )


@contextmanager
def _signals_held_back() -> Iterator[None]:
    """Block `HELD_BACK` in this thread meanwhile, so that a child inherits the block at birth."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@cache
def _installed() -> list[str]:
    """Return the folders in which the libraries are installed."""
    specs = [find_spec(name) for name in LIBRARIES]
    return sorted({str(Path(spec.origin).parents[1]) for spec in specs if spec and spec.origin})


class _Watch:
    """A watch over a running child: its progress, and the resources that no system limit counts."""

    def __init__(
        self,
        pid: int,
        into: Path,
        limits: Limits,
        output: int,
        on_progress: OnProgress | None,
        is_stopping: IsStopping,
    ) -> None:
        self.used_too_much = False
        self._pid = pid
        self._into = into
        self._limits = limits
        self._output = output
        self._on_progress = on_progress
        self._is_stopping = is_stopping
        self._told = -1
        self._next = time.monotonic() + LOOK_EVERY

    def look(self) -> None:
        """Kill the child if it uses too much; pass its progress on if it has grown.

        Raises `Stopped` if the caller has no more time.
        """
        if self._is_stopping():
            raise Stopped("The inspection was stopped with its worker.")
        if self._uses_too_much():
            self.used_too_much = True
            os.killpg(self._pid, signal.SIGKILL)
            return
        if self._on_progress is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + LOOK_EVERY
        percent = read_percent(self._output)
        if percent is not None and percent > self._told:
            self._told = percent
            self._on_progress(percent)

    def _uses_too_much(self) -> bool:
        limits = self._limits
        # Stop counting just past the limit, because a hostile child may make very many files.
        with os.scandir(self._into) as entries:
            files = list(islice(entries, limits.folder_files + 1))
        if len(files) > limits.folder_files:
            return True
        if sum(_bytes_on_disk(entry) for entry in files) > limits.folder_bytes:
            return True
        # /proc has a folder for each thread.
        threads = Path("/proc", str(self._pid), "task")
        with suppress(OSError):
            return threads.stat().st_nlink - 2 > limits.threads
        return False


def _bytes_on_disk(entry: os.DirEntry[str]) -> int:
    with suppress(FileNotFoundError):
        return entry.stat(follow_symlinks=False).st_blocks * 512
    return 0


def _wait_or_kill(child: "subprocess.Popen[bytes]", seconds: float, watch: _Watch) -> bool:
    """Wait for the child to end; return True if its time ran out first.

    In every case, also if this process is interrupted, the child is dead and reaped afterwards. On
    Linux its process group is killed, too.
    """
    end = time.monotonic() + seconds
    try:
        with _ends(child) as has_ended:
            while (left := end - time.monotonic()) > 0:
                if has_ended(min(left, LOOK_EVERY, CHECK_EVERY)):
                    return False
                watch.look()
        return True
    finally:
        if child.returncode is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@contextmanager
def _ends(child: "subprocess.Popen[bytes]") -> Iterator[Callable[[float], bool]]:
    """Yield a function that waits for some seconds and returns True if the child has ended.

    `Popen.wait` with a time limit polls only twenty times a second, which is slow for a small
    picture. It is used only where the system has no process descriptors.
    """
    if not hasattr(os, "pidfd_open"):
        yield lambda seconds: _has_ended(child, seconds)
        return
    descriptor = os.pidfd_open(child.pid)
    try:
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        yield lambda seconds: bool(waiting.poll(seconds * 1000))
    finally:
        os.close(descriptor)


def _has_ended(child: "subprocess.Popen[bytes]", seconds: float) -> bool:
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=seconds)
        return True
    return False


def _first(stream: IO[bytes], count: int) -> bytes:
    stream.seek(0)
    return stream.read(count)
