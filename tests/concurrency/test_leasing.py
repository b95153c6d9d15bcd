"""Twenty reviewers press *Next claim* at the same moment."""

from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.models import CreditTransfer
from claims.actions.review import decisions, leases
from claims.models import Approval, ApprovalLimit, Claim, Decision, Lease
from tests.concurrency.racing import errors, race
from tests.makers import ANSWERS, make_claim, make_lease, make_order, make_staff, newest_event
from tests.many import make_many_claims

REVIEWERS = 20


@pytest.fixture
def reviewers(real_commits):
    return [make_staff(f"reviewer-{n}@example.com", "Support") for n in range(REVIEWERS)]


def pressing(reviewers):
    return [partial(leases.take_next, by=by, now=timezone.now()) for by in reviewers]


@pytest.mark.parametrize("attempt", range(3))
def test_they_get_twenty_different_claims(attempt, ann, reviewers):
    make_many_claims([ann], REVIEWERS, now=timezone.now())

    taken = race(*pressing(reviewers))

    assert errors(taken) == []
    assert len({claim.pk for claim in taken if claim}) == REVIEWERS
    assert Lease.objects.values("holder").distinct().count() == REVIEWERS


def test_of_twenty_one_gets_the_only_claim(ann, reviewers):
    claim = make_claim(make_order(ann))

    taken = race(*pressing(reviewers))

    assert sorted(filter(None, taken), key=str) == [claim]


def test_without_the_condition_several_have_one_claim(ann, reviewers, monkeypatch):
    make_claim(make_order(ann))
    unconditional = leases.TAKE.partition(" WHERE lease.until")[0]
    monkeypatch.setattr(leases, "TAKE", unconditional)
    monkeypatch.setattr(
        leases.queries, "free_claims", lambda **words: Claim.objects.filter(status="submitted")
    )

    # In one race all others may come while the first holds the row, and pass it over.
    taken = [*race(*pressing(reviewers)), *race(*pressing(reviewers))]

    assert len([claim for claim in taken if isinstance(claim, Claim)]) > 1


def test_one_person_pressing_twenty_times_pays_nothing_above_the_limit(ann, sue):
    ApprovalLimit.objects.create(currency="EUR", amount=1)
    claim = make_claim(make_order(ann, price="4.20"))
    make_lease(claim, sue)
    approve = partial(
        decisions.approve, claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS,
        note="", now=timezone.now(),
    )  # fmt: skip

    refused = errors(race(*[approve] * 20))

    assert {type(error) for error in refused} == {ValidationError}
    assert Approval.objects.count() == 1
    assert not Decision.objects.exists()
    assert not CreditTransfer.objects.filter(kind="return").exists()
