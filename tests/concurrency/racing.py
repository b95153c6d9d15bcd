"""Many calls at the same moment, each on a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection

from tests.processes import PATIENCE

Outcome = Any


def race(*contenders: Callable[[], Any]) -> list[Outcome]:
    """Start all contenders at once; return what each returned or raised, in their order."""
    barrier = threading.Barrier(len(contenders))

    def run(contender: Callable[[], Any]) -> Outcome:
        try:
            connection.ensure_connection()
            barrier.wait(timeout=PATIENCE)
            return contender()
        except Exception as error:  # noqa: BLE001  # the caller looks at each
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(contenders)) as pool:
        return list(pool.map(run, contenders))


def someone_waits() -> bool:
    """Return True if one of this database's connections waits for a lock that another holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone() is not None


def errors(outcomes: Sequence[Outcome]) -> list[Exception]:
    return [outcome for outcome in outcomes if isinstance(outcome, Exception)]
