"""Signals that end a child: those that say something about the file, and those that don't."""

import os
import signal
from pathlib import Path

import pytest

from claims.inspection import FileProblem, Interrupted, Limits, Stopped
from claims.inspection import orchestration as parent
from claims.inspection.confinement import sandbox
from claims.inspection.confinement.sandbox import Ending, run_confined
from tests.claims.inspection.children import processes_in
from tests.claims.inspection.conftest import Inspector
from tests.media import make_screenshot

OUTLIVING = """
import signal, time
while signal.{name} not in signal.sigpending():
    time.sleep(0.01)
print("outlived")
"""
DYING = """
import os, signal
signal.signal({number}, signal.SIG_DFL)
os.kill(os.getpid(), {number})
"""
STOPS = ["SIGTERM", "SIGINT", "SIGHUP"]
FROM_OUTSIDE = ["SIGKILL", "SIGQUIT", "SIGUSR1", "SIGALRM", "SIGPIPE"]


def run_under(name: str, into: Path, work: str) -> Ending:
    """Run the work while the signal is sent to the child again and again, as from outside."""

    def send() -> bool:
        for process in processes_in(into):
            os.kill(int(process), signal.Signals[name])
        return False

    with Path(os.devnull).open("rb") as nothing:
        return run_confined(work, source=nothing, into=into, limits=Limits(), is_stopping=send)


@pytest.mark.parametrize("name", STOPS)
def test_a_child_outlives_the_signals_that_stop_its_service(into: Path, name: str) -> None:
    ending = run_under(name, into, OUTLIVING.format(name=name))

    assert (ending.returncode, ending.output) == (0, b"outlived\n")


@pytest.mark.parametrize("name", STOPS)
def test_without_the_block_it_would_die_of_them_and_the_file_still_not_be_blamed(
    into: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(sandbox, "HELD_BACK", frozenset())

    ending = run_under(name, into, OUTLIVING.format(name=name))

    assert ending.returncode == -signal.Signals[name]
    assert (ending.problem, ending.was_interrupted) == (None, True)


def test_the_caller_itself_blocks_nothing(into: Path) -> None:
    run_under("SIGTERM", into, OUTLIVING.format(name="SIGTERM"))

    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & sandbox.HELD_BACK


@pytest.mark.parametrize("name", FROM_OUTSIDE)
def test_a_signal_from_outside_says_nothing_about_the_file(
    inspected: Inspector, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    work = DYING.format(number=int(signal.Signals[name]))
    if name == "SIGKILL":
        work = "import os; os.kill(os.getpid(), 9)"
    monkeypatch.setitem(parent.WORK, "screenshot", work)

    with pytest.raises(Interrupted, match=f"exit -{int(signal.Signals[name])}"):
        inspected(make_screenshot())


@pytest.mark.parametrize("crash", sorted(sandbox.CRASHES))
def test_a_crash_of_the_decoder_is_the_files_fault(
    inspected: Inspector, monkeypatch: pytest.MonkeyPatch, crash: signal.Signals
) -> None:
    monkeypatch.setitem(parent.WORK, "screenshot", DYING.format(number=int(crash)))

    assert inspected(make_screenshot()).problem is FileProblem.DAMAGED


def test_the_kill_of_the_watch_is_the_files_fault(into: Path) -> None:
    limits = Limits(folder_files=1)
    work = "import time\nfor n in range(3): open(str(n), 'w')\ntime.sleep(600)"

    with Path(os.devnull).open("rb") as nothing:
        ending = run_confined(work, source=nothing, into=into, limits=limits)

    assert ending.returncode == -signal.SIGKILL
    assert (ending.problem, ending.was_interrupted) == (FileProblem.USED_TOO_MUCH, False)


def test_a_caller_without_time_stops_the_child(into: Path) -> None:
    with Path(os.devnull).open("rb") as nothing, pytest.raises(Stopped):
        run_confined(
            "import time\ntime.sleep(600)",
            source=nothing,
            into=into,
            limits=Limits(),
            is_stopping=lambda: True,
        )

    assert processes_in(into) == []
