"""The figures that are worked out when the page of metrics is asked for.

Each machine tells the same ones, because they come from the database: take their maximum.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Final

from django.db import DatabaseError, InterfaceError
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from claims.actions.core.job_counts import BUCKETS, LONGER
from claims.models import JobCount
from claims.monitoring import work
from claims.monitoring.readiness import READINESS
from claims.queries.core import totals
from claims.queries.core.clock import database_now

TOTALS_KEPT: Final = 60.0
"""Seconds for which sums over whole tables are kept."""
UNREACHED: Final = (DatabaseError, InterfaceError)


class DatabaseFigures(Collector):
    """Collects what the database knows. Without it, the page tells that, and the other counts."""

    def collect(self) -> Iterator[Metric]:
        yield _gauge("claims_ready", "1 if a check is fine.", ["check"], _checks())
        try:
            found = [*_ages(), *_jobs(), *KEPT_TOTALS.newest()]
        except UNREACHED:
            found = []
        up = [((), bool(found))]
        yield _gauge("claims_database_up", "1 if the figures could be read.", [], up)
        yield from found


def _checks() -> Iterator[tuple[tuple[str, ...], float]]:
    for name, problem in READINESS.problems().items():
        yield (name,), not problem


def _ages() -> list[Metric]:
    ages = work.ages(now=database_now())
    labels = ["what", "of"]
    return [
        _gauge("claims_age_seconds", "The age of the oldest or newest.", labels, (
            ((age.kind, age.name), age.seconds) for age in ages if age.seconds is not None
        )),
        _gauge("claims_age_limit_seconds", "The most that is usual.", labels, (
            ((age.kind, age.name), age.most) for age in ages
        )),
        _gauge("claims_late", "1 if it is older than usual.", labels, (
            ((age.kind, age.name), not age.is_usual) for age in ages
        )),
    ]  # fmt: skip


def _jobs() -> list[Metric]:
    counted = totals.job_counts()
    runs: dict[tuple[str, ...], float] = defaultdict(float)
    for row in counted:
        runs[row.task, row.queue, row.outcome] += row.count
    unfinished = (((queue, status), count) for queue, status, count in totals.unfinished_jobs())
    return [
        _counter("claims_jobs", "Runs of jobs.", ["task", "queue", "outcome"], runs.items()),
        _durations(counted),
        _gauge("claims_jobs_kept", "Jobs that haven't succeeded.", ["queue", "status"], unfinished),
    ]


def _durations(counted: list[JobCount]) -> Metric:
    """Return how long jobs took. Those of `claims.inspect_upload` are the inspections."""
    family = HistogramMetricFamily(
        "claims_job_seconds", "How long jobs ran.", labels=["task", "queue"]
    )
    by_task: dict[tuple[str, str], list[JobCount]] = defaultdict(list)
    for row in counted:
        by_task[row.task, row.queue].append(row)
    for labels, rows in by_task.items():
        within, buckets = 0, []
        for end in (*map(str, BUCKETS), LONGER):
            within += sum(row.count for row in rows if row.bucket == end)
            buckets.append((end, within))
        family.add_metric(labels, buckets, sum(row.seconds for row in rows))
    return family


def _totals() -> list[Metric]:
    returned = list(totals.credit_returned())
    of_money = ["kind", "currency"]
    return [
        _gauge("claims_claims", "Claims.", ["status"], _labelled(totals.claims_by_status())),
        _counter("claims_credit_returned", "Credit that went back, in units of its currency.",
                 of_money, (((kind, unit), float(sum_)) for kind, unit, _, sum_ in returned)),
        _counter("claims_returns", "Returns.", of_money,
                 (((kind, unit), count) for kind, unit, count, _ in returned)),
        _gauge("claims_webhooks", "Messages to the shop.", ["state"],
               _labelled(totals.webhooks_by_state())),
        _gauge("claims_mails", "Mails to customers about claims.", ["state"],
               _labelled(totals.notices_by_state())),
    ]  # fmt: skip


class KeptTotals:
    """The sums as they were up to a minute ago."""

    def __init__(self, work_out: Callable[[], list[Metric]]) -> None:
        self._work_out = work_out
        self._lock = Lock()
        self._kept: list[Metric] = []
        self._until = float("-inf")

    def newest(self) -> list[Metric]:
        with self._lock:
            if time.monotonic() >= self._until:
                self._kept = self._work_out()
                self._until = time.monotonic() + TOTALS_KEPT
            return self._kept


KEPT_TOTALS: Final = KeptTotals(_totals)


def _labelled(counts: dict[str, int]) -> Iterator[tuple[tuple[str, ...], float]]:
    return (((name,), count) for name, count in counts.items())


def _gauge(
    name: str, words: str, labels: list[str], samples: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = GaugeMetricFamily(name, words, labels=labels)
    for label_values, value in samples:
        family.add_metric(label_values, value)
    return family


def _counter(
    name: str, words: str, labels: list[str], samples: Iterable[tuple[tuple[str, ...], float]]
) -> Metric:
    family = CounterMetricFamily(name, words, labels=labels)
    for label_values, value in samples:
        family.add_metric(label_values, value)
    return family
