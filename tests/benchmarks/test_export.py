"""The cost of the export's forms and guards, against a bare COPY of the same rows."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator

import pytest

from claims.models import Claim
from claims.reports import claims_csv
from claims.reports.exporting import copied, source_query
from tests.benchmarks.generating import generate

CLAIMS, OPEN = 1_000_000, 20_000
ROUNDS = 3
LEAST_RATIO = 0.7
MOST_GROWTH = 16
"""MiB of memory."""

pytestmark = pytest.mark.benchmark


def test_export_runs_at_seven_tenths_of_a_bare_copy(real_commits, django_db_blocker):
    with django_db_blocker.unblock():
        generate(CLAIMS, OPEN)
        claims = Claim.objects.order_by("pk")
        before = peak_memory()
        ours, bare = [], []
        for _ in range(ROUNDS):
            bare.append(seconds_of(copied(source_query(claims), using="default")))
            ours.append(seconds_of(claims_csv(claims)))
        grown = peak_memory() - before
        count = claims.count()
    ratio = min(bare) / min(ours)
    print(
        f"\n{count:,} claims: export {count / min(ours):,.0f} rows/s,"
        f" bare COPY {count / min(bare):,.0f} rows/s, ratio {ratio:.2f};"
        f" peak memory {before:.0f} MiB before, {grown:.1f} MiB more after"
    )
    assert ratio >= LEAST_RATIO
    assert grown < MOST_GROWTH


def seconds_of(chunks: Iterator[bytes]) -> float:
    began = time.perf_counter()
    for _ in chunks:
        pass
    return time.perf_counter() - began


def peak_memory() -> float:
    """Return the peak memory of this process, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
