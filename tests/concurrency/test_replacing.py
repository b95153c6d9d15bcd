"""The shop's answers, its silence, the customer and the sweep at the same moment: one of them
counts.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from accounts.checking import faults
from accounts.models import CreditTransfer
from claims.actions.customer import withdrawal
from claims.actions.orders import automatic_returns
from claims.actions.review import replacements
from claims.actions.shop.inbound_events import receive_shop_events
from claims.models import Decision, Order, Replacement
from tests.claims.actions.review.replacement_requests import make_defect, provided, refused, request
from tests.concurrency.racing import errors, race

LATER = timedelta(days=3)


@pytest.fixture
def asked(real_commits, ann, sue) -> Replacement:
    return request(make_defect(ann), sue)


def telling(message):
    return lambda: receive_shop_events(messages=[message], now=timezone.now() + LATER)


def lapsing(asked):
    return lambda: replacements.let_request_lapse(
        claim_id=asked.claim_id, now=timezone.now() + LATER
    )


def withdrawing(asked):
    customer = asked.claim.order.customer
    return lambda: withdrawal.withdraw_claim(
        claim_id=asked.claim_id, by=customer, now=timezone.now()
    )


def remedies(asked):
    """Return the remedies of the old order, returns and replacements: at most one in all."""
    returns = CreditTransfer.objects.filter(kind="return").count()
    return returns, Order.objects.filter(replaces=asked.claim.order).count()


@pytest.mark.parametrize("attempt", range(4))
def test_one_remedy_at_most(attempt, asked):
    outcomes = race(
        telling(provided(asked)),
        telling(provided(asked, event_id="other", order_id="R-0")),
        telling(refused(asked)),
        *[lapsing(asked)] * 2,
        withdrawing(asked),
    )

    end = {"replaced": (0, 1), "refunded": (1, 0), "withdrawn": (0, 0)}
    claim = asked.claim
    claim.refresh_from_db()
    assert remedies(asked) == end[claim.status]
    assert Decision.objects.count() == sum(end[claim.status])
    assert not [*faults()]
    # Only a withdrawal that comes too late is refused; the others find the claim settled.
    assert len(errors(outcomes)) <= 1


def test_without_a_look_at_the_request_the_database_still_refuses_a_second(asked, monkeypatch):
    monkeypatch.setattr(replacements, "_refuse_settled", lambda request: None)
    replacements.let_request_lapse(claim_id=asked.claim_id, now=timezone.now() + LATER)

    with pytest.raises(DatabaseError):
        telling(provided(asked))()

    assert remedies(asked) == (1, 0)


def test_a_sweep_beside_the_shops_answer_returns_the_new_order_once(asked):
    telling(provided(asked))()
    order = Order.objects.get(replaces=asked.claim.order)

    def sweeping():
        return automatic_returns.return_expired(now=timezone.now() + LATER)

    race(*[sweeping] * 4)

    order.refresh_from_db()
    assert order.returned_at
    assert remedies(asked) == (1, 1)
    assert not [*faults()]
