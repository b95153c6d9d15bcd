"""The database connections of a web process: those it keeps between requests, and their limits.

A new connection takes the database ten milliseconds, half as long as a page. `CONN_MAX_AGE` would
keep one for each thread, and leave it open when the web server ends an idle thread.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings

MOST_IDLE_SECONDS: Final = 300
SECONDS_TO_WAIT: Final = 10


def keep_connections() -> None:
    """Make this process keep its connections, and check each one before using it again."""
    if not settings.WEB_CONNECTIONS:
        return
    database = settings.DATABASES["default"]
    database["CONN_HEALTH_CHECKS"] = True
    database["OPTIONS"] = database.get("OPTIONS", {}) | {
        "pool": {
            "min_size": 1,
            "max_size": settings.WEB_CONNECTIONS,
            "max_idle": MOST_IDLE_SECONDS,
            "timeout": SECONDS_TO_WAIT,
        }
    }


def limit_waits() -> None:
    """Have the database end what this process keeps it waiting with.

    These limits are for web alone: a job or a migration may take as long as it needs.
    """
    limits = {
        "statement_timeout": settings.WEB_STATEMENT_SECONDS,
        "lock_timeout": settings.WEB_LOCK_SECONDS,
        "idle_in_transaction_session_timeout": settings.WEB_IDLE_SECONDS,
    }
    database = settings.DATABASES["default"]
    options = database.get("OPTIONS", {})
    said = [f"-c {name}={seconds}s" for name, seconds in limits.items() if seconds]
    if said:
        of_url = [options["options"]] if "options" in options else []
        database["OPTIONS"] = options | {"options": " ".join([*of_url, *said])}
