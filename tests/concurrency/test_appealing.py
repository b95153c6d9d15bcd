"""Simultaneous appeals, and an appeal against a simultaneous reopening."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from claims.actions.customer import appeals
from claims.models import Claim, Event
from tests.concurrency.racing import errors, race
from tests.makers import make_claim, make_order, newest_event
from tests.reviewing import reject

TOGETHER = 6


@pytest.fixture
def rejected(real_commits, ann, sue) -> Claim:
    claim = make_claim(make_order(ann))
    reject(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers={}, clause="server-side",
        note="It was sent.", now=timezone.now(),
    )  # fmt: skip
    return claim


def appealing_it(claim):
    return lambda: appeals.appeal(
        claim_id=claim.pk, by=claim.order.customer, uploads=[], submission=uuid4(),
        message="Their log shows that it was never delivered.", now=timezone.now(),
    )  # fmt: skip


def test_of_many_appeals_at_once_one_counts(rejected):
    outcomes = race(*(appealing_it(rejected) for _ in range(TOGETHER)))

    refused = errors(outcomes)
    assert len(refused) == TOGETHER - 1
    assert all(isinstance(error, ValidationError) for error in refused)
    assert Event.objects.filter(claim=rejected, kind="appealed").count() == 1


@pytest.mark.parametrize("attempt", range(4))
def test_an_appeal_and_a_reopening_exclude_each_other(attempt, rejected, max_):
    def reopening():
        return reopening.reopen(
            claim_id=rejected.pk, by=max_, note="Look again.", now=timezone.now()
        )

    outcomes = race(appealing_it(rejected), reopening)

    assert len(errors(outcomes)) == 1
    rejected.refresh_from_db()
    assert rejected.status == "submitted"
    assert Event.objects.filter(claim=rejected, kind__in=["appealed", "reopened"]).count() == 1
