"""The database connections that a web process keeps between requests.

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
