"""Simultaneous ends of an offer, by the customer, time or a reviewer: one of them counts."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError
from django.utils import timezone

from accounts.checking import faults
from accounts.models import CreditTransfer
from claims.actions.customer import choices
from claims.actions.review import offers
from claims.models import Claim, Decision, Offer
from tests.concurrency.racing import errors, race
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event
from tests.processes import PATIENCE
from tests.reviewing import approve

LATER = timedelta(days=8)


@pytest.fixture
def offered(real_commits, ann, sue) -> Claim:
    claim = make_claim(make_order(ann, sms=True, price="3.00"), kind="major_defect")
    make_lease(claim, sue)
    offers.offer_replacement(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="Another one?",
        now=timezone.now(),
    )  # fmt: skip
    return claim


def choosing(choose, claim):
    return lambda: choose(claim_id=claim.pk, by=claim.order.customer, now=timezone.now())


def lapsing(claim):
    return lambda: offers.let_lapse(claim_id=claim.pk, now=timezone.now() + LATER)


def returned() -> list[Decimal]:
    return [*CreditTransfer.objects.filter(kind="return").values_list("amount", flat=True)]


@pytest.mark.parametrize("attempt", range(3))
def test_the_price_is_chosen_by_one_of_many(attempt, offered, sue):
    def approving():
        return approve(
            claim_id=offered.pk, by=sue, seen=newest_event(offered), answers=ANSWERS, note="",
            now=timezone.now(),
        )  # fmt: skip

    race(*[choosing(choices.choose_refund, offered)] * 2, *[lapsing(offered)] * 2, approving)

    offered.refresh_from_db()
    assert offered.status == "refunded"
    assert returned() == [Decimal("3.00")]
    assert Decision.objects.filter(claim=offered).count() == 1
    assert not [*faults()]


@pytest.mark.parametrize("attempt", range(3))
def test_the_price_and_the_replacement_exclude_each_other(attempt, offered):
    outcomes = race(
        choosing(choices.choose_refund, offered), choosing(choices.choose_replacement, offered)
    )

    assert len(errors(outcomes)) == 1
    choice = Offer.objects.get(claim=offered).choice
    assert returned() == ([Decimal("3.00")] if choice == "refund" else [])


def test_without_the_lock_the_database_still_keeps_it_to_one_choice(offered, monkeypatch):
    def unlocked(customer, claim_id):
        return Claim.objects.select_related("order__customer", "order__policy_version").get(
            pk=claim_id
        )

    def choose(self, choice, *, at):
        together.wait(timeout=PATIENCE)
        honest(self, choice, at=at)

    together, honest = threading.Barrier(2), Offer.choose
    monkeypatch.setattr(choices, "lock_claim_of", unlocked)
    monkeypatch.setattr(Offer, "choose", choose)

    outcomes = race(
        choosing(choices.choose_refund, offered), choosing(choices.choose_replacement, offered)
    )

    assert [type(error) for error in errors(outcomes)] != []
    assert all(isinstance(error, DatabaseError) for error in errors(outcomes))
    assert Offer.objects.get(claim=offered).choice != ""
