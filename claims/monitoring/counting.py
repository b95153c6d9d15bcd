"""The counts of requests, which all web processes of a machine share through files.

They are kept beside the database, because they matter most while it is down.
"""

from __future__ import annotations

import logging
import os
import threading
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client.multiprocess import MultiProcessCollector

from claims.monitoring.slots import forget_gauges_of_the_dead, take_slot

BUCKETS: Final = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
TOO_MANY: Final = 429
NO_SLOT: Final = "none"

log = logging.getLogger(__name__)
_slots: dict[int, str] = {}
_slots_lock = threading.Lock()


def _slot() -> str:
    """Return this process's slot. A forked process has none yet, and takes its own."""
    return _slots.get(os.getpid(), NO_SLOT)


# The documented way to name the files otherwise than by the process's id.
values.ValueClass = values.MultiProcessValue(_slot)  # type: ignore[no-untyped-call]  # theirs has no types
# These are read through the files alone.
_unread = CollectorRegistry()
REQUESTS: Final = Counter(
    "claims_requests", "Requests.", ["view", "method", "status"], registry=_unread
)
SECONDS: Final = Histogram(
    "claims_request_seconds", "How long requests took, until the answer began.", ["view"],
    buckets=BUCKETS, registry=_unread,
)  # fmt: skip
LIMITS: Final = Counter(
    "claims_limits_hit", "Requests that were refused because of a rate limit.", ["view"],
    registry=_unread,
)  # fmt: skip
POOL: Final = Gauge(
    "claims_pool", "Connections to the database, and requests that wait for one.", ["state"],
    multiprocess_mode="sum", registry=_unread,
)  # fmt: skip


def count_request(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """Count a request. A disk that takes no counts doesn't keep requests from being answered."""
    if not _has_slot():
        return
    match = request.resolver_match
    view = (match.view_name if match else "") or "unnamed"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view, method, response.status_code).inc()
    SECONDS.labels(view).observe(seconds)
    if response.status_code == TOO_MANY:
        LIMITS.labels(view).inc()
    _measure_pool()


def _has_slot() -> bool:
    with _slots_lock:
        if _slot() == NO_SLOT:
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_DIR)
            try:
                _slots[os.getpid()] = str(take_slot(settings.METRICS_DIR))
            except OSError:
                log.exception("Requests aren't counted.")
                _slots[os.getpid()] = ""
    return bool(_slot())


def _measure_pool() -> None:
    # The stubs know no pool, which only PostgreSQL's wrapper has.
    pool = connection.pool if settings.WEB_CONNECTIONS else None  # type: ignore[attr-defined]
    if pool is not None:
        now = pool.get_stats()
        POOL.labels("open").set(now.get("pool_size", 0))
        POOL.labels("idle").set(now.get("pool_available", 0))
        POOL.labels("waiting").set(now.get("requests_waiting", 0))


def of_all_processes() -> CollectorRegistry:
    """Return the counts of all web processes of this machine together."""
    registry = CollectorRegistry()
    settings.METRICS_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    forget_gauges_of_the_dead(settings.METRICS_DIR)
    folder = str(settings.METRICS_DIR)
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]  # likewise
    return registry
