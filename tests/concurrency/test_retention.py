"""The sweep and the customer at the same moment: no claim ever shows a removed file."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from claims import storage
from claims.actions.customer import filing, withdrawal
from claims.actions.uploads import retention
from claims.models import Claim, Event, Evidence, Order, Upload
from tests.concurrency.racing import race
from tests.makers import REASON, make_claim, make_order, make_upload

TOGETHER = 6


def file_claim(upload: Upload) -> Claim:
    return filing.file_claim(
        order_id=upload.order_id,
        by=upload.customer,
        kind="sms_not_received",
        reason=REASON,
        customer_two_factor=False,
        terms_accepted=True,
        uploads=[upload.token],
        submission=uuid4(),
        now=timezone.now(),
    )


def sweep() -> int:
    return retention.remove_abandoned(now=timezone.now() + timedelta(days=1), limit=50)


def shown_but_removed() -> int:
    return Evidence.objects.filter(upload__state="removed").count()


def test_of_a_claim_and_a_sweep_at_the_same_moment_one_wins(ann):
    uploads = [make_upload(make_order(ann), state="accepted") for _ in range(TOGETHER)]

    outcomes = race(*(partial(file_claim, upload) for upload in uploads), sweep, sweep)

    for upload, outcome in zip(uploads, outcomes, strict=False):
        upload.refresh_from_db()
        if isinstance(outcome, Claim):
            assert upload.state == "accepted"
            assert storage.spool().exists(upload.pieces.get().name)
        else:
            assert isinstance(outcome, ValidationError)
            assert upload.state == "removed"
    assert shown_but_removed() == 0


@pytest.fixture
def claim_during_the_sweep(real_commits, monkeypatch):
    """File a claim after the sweep has chosen its uploads and before it removes one."""
    remove_files = retention.remove_files

    def impatient(upload):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return file_claim(upload)

    def after_a_claim(upload, **words):
        race(partial(impatient, Upload.objects.select_related("customer").get(pk=upload.pk)))
        remove_files(upload, **words)

    monkeypatch.setattr(retention, "remove_files", after_a_claim)


def test_a_claim_during_the_sweep_does_not_get_the_file(claim_during_the_sweep, ann):
    make_upload(make_order(ann), state="accepted")

    sweep()

    assert (Claim.objects.count(), shown_but_removed()) == (0, 0)


def test_without_its_locks_the_sweep_removes_what_a_claim_shows(
    claim_during_the_sweep, ann, monkeypatch
):
    monkeypatch.setattr(retention, "_lock_free_orders", set)
    monkeypatch.setattr(
        "django.db.models.query.QuerySet.select_for_update", lambda self, **options: self.all()
    )
    make_upload(make_order(ann), state="accepted")

    sweep()

    assert shown_but_removed() == 1


def test_a_sweep_passes_over_what_somebody_holds_and_comes_back(ann):
    upload = make_upload(make_order(ann), state="accepted")

    def held() -> int:
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM claims_order WHERE id = %s FOR UPDATE", [upload.order_id])
            (swept,) = race(sweep)
            cursor.execute("COMMIT")
        return int(swept)

    assert held() == 0
    assert sweep() == 1


def test_sweeps_side_by_side_tell_each_story_once(ann):
    for _ in range(TOGETHER):
        claim = make_claim(make_order(ann), proofs=("screenshot",))
        withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())
    later = timezone.now() + timedelta(days=200)

    counts = race(
        *[partial(retention.remove_old_evidence, now=later, days=180, limit=50)] * TOGETHER
    )

    left = retention.remove_old_evidence(now=later, days=180, limit=50)
    assert sum(counts) + left == TOGETHER
    assert Event.objects.filter(kind=Event.Kind.EVIDENCE_REMOVED).count() == TOGETHER
    assert Order.objects.count() == TOGETHER
