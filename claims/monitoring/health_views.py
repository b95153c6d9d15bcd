"""The health pages, which balancers and watchers ask. They tell no secrets and name nobody."""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, JsonResponse

from claims.monitoring import work
from claims.monitoring.readiness import READINESS
from claims.queries.core.clock import database_now

WORK_KEPT: Final = 1.0  # seconds
MOST_WAIT: Final = 2.0  # seconds for another thread that asks the database


def live(request: HttpRequest) -> JsonResponse:
    """Answer 200: this process takes requests. It asks nothing else."""
    return _answer(True, {})


def ready(request: HttpRequest) -> JsonResponse:
    """Answer 200 if this process can serve people now, else 503, and say what it lacks."""
    problems = READINESS.problems()
    checks = {name: problem or "ok" for name, problem in problems.items()}
    return _answer(not any(problems.values()), {"checks": checks})


def work_state(request: HttpRequest) -> JsonResponse:
    """Answer 200 if the portal's work is being done, else 503, and say what waits too long."""
    try:
        ages = _AGES.newest()
    except (DatabaseError, InterfaceError):
        return _answer(False, {"late": ["database"], "ages": []})
    late = [f"{age.kind} {age.name}" for age in ages if not age.is_usual]
    return _answer(not late, {"late": late, "ages": [_shown(age) for age in ages]})


class KeptAges:
    """The ages as they were up to a second ago: one thread asks the database for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ages: list[work.Age] = []
        self._until = float("-inf")

    def newest(self) -> list[work.Age]:
        """Return them. Raises `DatabaseError`, also when the database doesn't answer in time."""
        if not self._lock.acquire(timeout=MOST_WAIT):
            raise DatabaseError("The database doesn't answer.")
        try:
            if time.monotonic() >= self._until:
                self._ages = work.ages(now=database_now())
                self._until = time.monotonic() + WORK_KEPT
            return self._ages
        finally:
            self._lock.release()


_AGES: Final = KeptAges()


def _shown(age: work.Age) -> dict[str, Any]:
    return {
        "what": age.kind,
        "of": age.name,
        "seconds": None if age.seconds is None else round(age.seconds),
        "most": round(age.most),
        "ok": age.is_usual,
    }


def _answer(is_fine: bool, said: dict[str, Any]) -> JsonResponse:
    response = JsonResponse({"ok": is_fine, **said}, status=200 if is_fine else 503)
    response["Cache-Control"] = "no-store"
    return response
