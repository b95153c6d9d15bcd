"""Whether this web process can serve people now.

Each probe runs in a thread of its own, so that one that hangs delays neither the others nor the
answer. A second request while it hangs doesn't start it again.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from django.db import connections

from claims.monitoring import probes
from claims.monitoring.probes import NotReady

MOST_SECONDS: Final = 2.0
NO_ANSWER: Final = f"no answer in {MOST_SECONDS:.0f} seconds"

log = logging.getLogger(__name__)


@dataclass
class Check:
    """A probe, how many seconds its answer counts, and its last answer."""

    probe: Callable[[], None]
    kept: float = 1.0
    problem: str = ""
    answered_at: float = float("-inf")
    begun_at: float = float("-inf")
    is_running: bool = False
    done: threading.Event = field(default_factory=threading.Event)


class Readiness:
    """The checks of one process. Times are those of the monotonic clock."""

    def __init__(self, **checks: Check) -> None:
        self._checks: Mapping[str, Check] = checks
        self._lock = threading.Lock()

    def problems(self) -> dict[str, str]:
        """Return each check's problem, or ''. It takes `MOST_SECONDS` at most."""
        for name, check in self._checks.items():
            self._begin(name, check)
        return {name: self._answer(check) for name, check in self._checks.items()}

    def _begin(self, name: str, check: Check) -> None:
        now = time.monotonic()
        with self._lock:
            if check.is_running or now < check.answered_at + check.kept:
                return
            check.is_running, check.begun_at, check.done = True, now, threading.Event()
        threading.Thread(target=_run, args=(name, check), name=f"probe-{name}", daemon=True).start()

    def _answer(self, check: Check) -> str:
        left = check.begun_at + MOST_SECONDS - time.monotonic()
        if check.is_running and not check.done.wait(max(0.0, left)):
            return NO_ANSWER
        return check.problem


def _run(name: str, check: Check) -> None:
    try:
        problem = _problem_of(check.probe)
    finally:
        connections.close_all()
    if problem != check.problem:
        level = logging.WARNING if problem else logging.INFO
        log.log(level, "Readiness changed", extra={"check": name, "problem": problem or "none"})
    check.problem, check.answered_at, check.is_running = problem, time.monotonic(), False
    check.done.set()


def _problem_of(probe: Callable[[], None]) -> str:
    """Run the probe and return why it failed: a class, because a message may hold secrets."""
    try:
        probe()
    except NotReady as error:
        return str(error)
    except Exception as error:  # noqa: BLE001  # whatever it is, the process isn't ready
        return f"it fails ({type(error).__name__})"
    return ""


def all_checks() -> Readiness:
    """Return the checks of a web process."""
    return Readiness(
        database=Check(probes.probe_database),
        migrations=Check(probes.probe_migrations),
        # A bucket is asked over the network, and each question costs something.
        store=Check(probes.probe_store, kept=10.0),
        cache=Check(probes.probe_cache),
    )


READINESS: Final = all_checks()
