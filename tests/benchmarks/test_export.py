"""What the export's forms and guards cost, against a bare COPY of the same rows."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import connection, transaction

from accounts.models import User
from claims.models import Claim
from claims.reports import claims_csv
from claims.reports.exporting import copied, source_query
from tests import reviewing
from tests.makers import (
    ANSWERS,
    make_claim,
    make_order,
    make_staff,
    make_user,
    newest_event,
)

CLAIMS = 1_000_000
ROUNDS = 3
LEAST_RATIO = 0.7
MOST_GROWTH = 16
"""MiB of memory."""
GENERATE = Path(__file__).with_name("generate_claims.sql")

pytestmark = pytest.mark.benchmark


def test_export_runs_at_seven_tenths_of_a_bare_copy(real_commits, django_db_blocker):
    with django_db_blocker.unblock():
        generate()
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


def generate() -> None:
    """A million claims like four that went through the real actions."""
    ann, sue = make_user("ann@example.com"), make_staff("sue@example.com", "Support")
    make_claim(make_order(ann))
    make_claim(
        make_order(ann, service="telegram", two_factor=True, completed=True),
        kind="invalid_number",
        proofs=("screenshot", "video"),
    )
    approve(make_claim(make_order(ann, sms=True)), by=sue)
    reject(make_claim(make_order(ann, sms=True), kind="major_defect"), by=sue)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(GENERATE.read_text(), {"claims": CLAIMS})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def approve(claim: Claim, *, by: User) -> None:
    reviewing.approve(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers=ANSWERS,
        note="You are right, the code was ours to deliver.",
        now=datetime.now(UTC),
    )


def reject(claim: Claim, *, by: User) -> None:
    reviewing.reject(
        claim_id=claim.pk,
        by=by,
        seen=newest_event(claim),
        answers={},
        clause="critical-defect",
        note="The number worked when we tried it: the SMS is on record.",
        now=datetime.now(UTC),
    )


def seconds_of(chunks: Iterator[bytes]) -> float:
    began = time.perf_counter()
    for _ in chunks:
        pass
    return time.perf_counter() - began


def peak_memory() -> float:
    """The most memory that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
