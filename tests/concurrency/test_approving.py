"""Two hundred reviewers press *Approve* on one claim at the same moment."""

import itertools
from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from accounts.models import CreditAccount, CreditTransfer
from claims.actions.customer import withdrawal
from claims.actions.orders import automatic_returns, return_movements, single_returns
from claims.actions.review import decisions, guards
from claims.models import Claim, Decision, Event
from tests.concurrency.racing import errors, race
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event

TOGETHER = 40


def approval(claim, by, seen):
    def approve():
        return decisions.approve(
            claim_id=claim.pk, by=by, seen=seen, answers=ANSWERS, note="", now=timezone.now()
        )

    return approve


def test_two_hundred_approvals_of_one_claim_pay_once(ann, sue, max_):
    claim = make_claim(make_order(ann, price="4.20"))
    make_lease(claim, sue)
    seen = newest_event(claim)

    outcomes = race(*(approval(claim, by, seen) for by in (sue, max_) * 100))

    refused = errors(outcomes)
    assert len(outcomes) == 200
    assert len(refused) == 199
    assert {type(error) for error in refused} == {ValidationError}
    assert {error.code for error in refused} <= {"closed", "lease"}
    assert Decision.objects.get().by == sue
    assert Decision.objects.count() == 1
    assert CreditTransfer.objects.filter(kind="return").count() == 1
    assert CreditAccount.objects.get(owner=ann).balance == Decimal("4.20")
    assert Event.objects.filter(kind=Event.Kind.REFUNDED).count() == 1


@pytest.fixture
def without_guards(real_commits, monkeypatch):
    """Remove the locks on order and claim, the shared key of payments, and the constraints."""
    serial = itertools.count()

    def read_claim(claim_id):
        return Claim.objects.select_related("order__customer", "order__policy_version").get(
            pk=claim_id
        )

    def unique(order, **words):
        made = return_movements.return_movement(order, **words)
        return replace(made, key=f"{made.key}:{next(serial)}")

    monkeypatch.setattr(guards, "lock_claim", read_claim)
    monkeypatch.setattr(guards, "refuse_without_lease", lambda *args, **words: None)
    monkeypatch.setattr(single_returns, "return_movement", unique)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE claims_decision DROP CONSTRAINT one_decision_per_round")
        cursor.execute("DROP INDEX a_charge_goes_back_once")
        for table in ("claims_claim", "claims_order"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


def test_without_the_guards_one_claim_pays_many_times(without_guards, ann, sue):
    claim = make_claim(make_order(ann, price="4.20"))
    make_lease(claim, sue)
    seen = newest_event(claim)

    race(*(approval(claim, sue, seen) for _ in range(TOGETHER)))

    assert CreditAccount.objects.get(owner=ann).balance > Decimal("4.20")
    assert Decision.objects.count() > 1


@pytest.fixture
def without_lock(real_commits, monkeypatch):
    """Lock nothing in the code; the database's own guards stay."""
    monkeypatch.setattr(guards, "refuse_without_lease", lambda *args, **words: None)
    monkeypatch.setattr(
        guards,
        "lock_claim",
        lambda claim_id: Claim.objects.select_related(
            "order__customer", "order__policy_version"
        ).get(pk=claim_id),
    )


def test_the_database_alone_still_pays_once(without_lock, ann, sue):
    claim = make_claim(make_order(ann, price="4.20"))
    make_lease(claim, sue)
    seen = newest_event(claim)

    race(*(approval(claim, sue, seen) for _ in range(TOGETHER)))

    assert CreditTransfer.objects.filter(kind="return").count() == 1
    assert CreditAccount.objects.get(owner=ann).balance == Decimal("4.20")
    assert Decision.objects.count() == 1


@pytest.mark.parametrize("attempt", range(4))
def test_of_approval_rejection_withdrawal_and_sweep_one_wins(attempt, ann, sue, max_):
    order = make_order(ann, price="4.20", activation="banned")
    claim = make_claim(order)
    make_lease(claim, sue)
    seen = newest_event(claim)

    def reject():
        return decisions.reject(
            claim_id=claim.pk,
            by=sue,
            seen=seen,
            answers={},
            clause="server-side",
            note="The supplier says that it was sent.",
            now=timezone.now(),
        )

    def withdraw():
        return withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    def sweep():
        return automatic_returns.return_expired(now=timezone.now())

    outcomes = race(*[approval(claim, sue, seen), reject, withdraw, sweep] * 4)

    claim.refresh_from_db()
    order.refresh_from_db()
    assert {type(error) for error in errors(outcomes)} <= {ValidationError}
    assert not claim.is_open
    assert Decision.objects.count() <= 1
    # Whoever won, the price of an order without an SMS goes back automatically, and only once.
    automatic_returns.return_expired(now=timezone.now())
    assert CreditAccount.objects.get(owner=ann).balance == Decimal("4.20")
    assert CreditTransfer.objects.filter(kind="return").count() == 1
