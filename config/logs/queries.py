"""Slow queries: each has a line with its SQL, and never with the values."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

LONGEST_SQL: Final = 1000
# Values are parameters, but a person may write some into SQL.
LITERALS: Final = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$", re.DOTALL)

log = logging.getLogger(__name__)


@receiver(connection_created)
def watch_queries(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Time the queries of this connection. It keeps its wrappers when it connects again."""
    if timed not in connection.execute_wrappers:
        connection.execute_wrappers.append(timed)


def timed(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    begun = time.monotonic()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = time.monotonic() - begun
        if seconds * 1000 >= settings.SLOW_QUERY_MS:
            log.warning("Slow query", extra={"seconds": round(seconds, 3), "sql": shape_of(sql)})


def shape_of(sql: Any) -> str:
    """Return the SQL in one line, without literals, and no longer than a line may be."""
    return " ".join(LITERALS.sub("'…'", str(sql)).split())[:LONGEST_SQL]
