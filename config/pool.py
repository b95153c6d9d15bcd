"""The database connections of a web process: those it keeps between requests, and their limits.

A new connection takes the database ten milliseconds, half as long as a page. `CONN_MAX_AGE` would
keep one for each thread, and leave it open when the web server ends an idle thread.
"""

from __future__ import annotations

from time import monotonic
from typing import Any, Final

import psycopg
from django.conf import settings
from django.db import connections
from psycopg_pool import ConnectionPool

# Seconds to connect, and milliseconds until a connection is dead whose other end confirms nothing.
ANSWERS_SOON: Final = {"connect_timeout": 2, "tcp_user_timeout": 2000}
MOST_IDLE_SECONDS: Final = 300
# A process has a connection for each of its threads, so this is the time to make a new one. After
# that the database is away, and each request that waits on holds a thread.
SECONDS_TO_WAIT: Final = 0.8
# After these, nobody tries to connect until a request needs it, so the pages are back at once.
SECONDS_TO_TRY: Final = 1


class Pool(ConnectionPool[Any]):
    """A pool that tries one connection after the other until one is alive.

    The check of psycopg's own pool waits for a second after each dead one, and more each time.
    """

    def getconn(self, timeout: float | None = None) -> Any:
        end = monotonic() + (self.timeout if timeout is None else timeout)
        while True:
            found = super().getconn(max(0.0, end - monotonic()))
            try:
                self.check_connection(found)
            except psycopg.Error:
                self.putconn(found)  # the pool makes a new one in its place
            else:
                return found


def answer_soon() -> None:
    """Make this process wait for the database for two seconds at most."""
    database = settings.DATABASES["default"]
    database["OPTIONS"] = ANSWERS_SOON | database.get("OPTIONS", {})
    if settings.WEB_CONNECTIONS:
        database["OPTIONS"]["pool"] = True


def keep_connections() -> None:
    """Make this process keep its connections. Call it after Django's set-up."""
    if not settings.WEB_CONNECTIONS:
        return
    connection: Any = connections["default"]  # the stubs leave out what the pool takes from it
    pool = Pool(
        kwargs=connection.get_connection_params() | {"autocommit": True},
        configure=connection._configure_connection,
        open=False,
        min_size=1,
        max_size=settings.WEB_CONNECTIONS,
        max_idle=MOST_IDLE_SECONDS,
        timeout=SECONDS_TO_WAIT,
        reconnect_timeout=SECONDS_TO_TRY,
    )
    # Django looks for the pool here before it makes one of psycopg's own class.
    connection._connection_pools.setdefault(connection.alias, pool)


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
