"""Webhooks go out at least once, in order for each order, for three days; then a person decides."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from claims.actions.customer.withdrawal import withdraw_claim
from claims.actions.orders import automatic_returns
from claims.actions.review import decisions
from claims.actions.shop import webhook_delivery
from claims.models import Acknowledgement, Webhook
from tests import reviewing
from tests.makers import ANSWERS, make_claim, make_order, newest_event

NOW = timezone.now()
SECOND = timedelta(seconds=1)


def deliver(at=NOW):
    """Deliver everything that is due at this instant; return how many the shop took."""
    return webhook_delivery.deliver_due(clock=lambda: at + SECOND)


def approve(claim, sue):
    reviewing.approve(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="", now=NOW
    )


def filed(ann):
    return make_claim(make_order(ann, sms=True), kind="major_defect", now=NOW)


def give_up(webhook):
    """Let all tries fail; return the instants of the tries."""
    tried, at = [], NOW
    while webhook.state == "waiting":
        deliver(at)
        webhook.refresh_from_db()
        tried.append(at + SECOND)
        at = webhook.due_at
    return tried


def test_the_shop_is_told_of_a_claim_its_decision_and_its_return_in_this_order(ann, sue, shop):
    claim = filed(ann)
    approve(claim, sue)

    assert deliver() == 3

    assert [event["type"] for event in shop.taken] == [
        "claim.filed",
        "claim.decided",
        "credit.returned",
    ]
    order_id = claim.order.shop_id
    first, second, third = (event["data"] for event in shop.taken)
    assert first == {
        "order_id": order_id, "claim": claim.code, "kind": "major_defect",
        "filed_at": NOW.isoformat(),
    }  # fmt: skip
    assert second == {
        "order_id": order_id, "claim": claim.code, "kind": "major_defect", "outcome": "refund",
        "clause": "", "round": 1, "decided_at": NOW.isoformat(),
    }  # fmt: skip
    assert third == {
        "order_id": order_id, "amount": "2.50", "currency": "EUR", "cause": "claim",
        "returned_at": NOW.isoformat(),
    }  # fmt: skip
    assert deliver() == 0


def test_the_automatic_return_is_told(ann, shop):
    order = make_order(ann)
    automatic_returns.return_expired(now=NOW)

    deliver()

    [event] = shop.taken
    assert (event["type"], event["data"]["cause"]) == ("credit.returned", "automatic")
    assert event["data"]["order_id"] == order.shop_id
    assert Acknowledgement.objects.get(order=order).state == "pending"


def test_goodwill_is_told_with_what_was_given(ann, max_, shop):
    claim = filed(ann)
    reviewing.take(claim.pk, by=max_, now=NOW)
    decisions.give_goodwill(
        claim_id=claim.pk, by=max_, seen=newest_event(claim), amount=Decimal("1.00"),
        note="Sorry.", now=NOW,
    )  # fmt: skip

    deliver()

    told = shop.taken[-1]["data"]
    assert (told["cause"], told["amount"]) == ("goodwill", "1.00")


def test_a_withdrawal_is_the_customers_business(ann, shop):
    claim = filed(ann)
    withdraw_claim(claim_id=claim.pk, by=ann, now=NOW)

    assert deliver() == 1


def test_without_a_shop_nothing_is_written(ann, sue):
    approve(filed(ann), sue)

    assert not Webhook.objects.exists()
    assert not Acknowledgement.objects.exists()


def test_what_was_rolled_back_was_never_written(ann, shop):
    order = make_order(ann)
    with transaction.atomic():
        automatic_returns.cancel_orders([order], now=NOW, by=None)
        transaction.set_rollback(True)

    assert not Webhook.objects.exists()


def test_it_is_tried_again_and_again_for_three_days_and_then_given_up(ann, shop):
    filed(ann)
    shop.status = 503
    webhook = Webhook.objects.get()

    tried = give_up(webhook)

    assert len(tried) == len(webhook_delivery.BACK_OFF) + 1 == 10
    assert timedelta(days=3) < tried[-1] - tried[0] < timedelta(days=3, hours=4)
    waits = [late - early for early, late in pairwise(tried)]
    assert waits == sorted(waits)
    assert (webhook.state, webhook.problem) == ("dead", "The shop answered 503.")
    assert deliver(NOW + timedelta(days=9)) == 0
    assert shop.asked == 10


def test_each_try_has_the_same_id(ann, shop):
    filed(ann)
    webhook = Webhook.objects.get()
    shop.status = 500
    deliver()
    shop.status = 200

    assert deliver(NOW + timedelta(seconds=7)) == 1

    [event] = shop.taken
    assert event["id"] == webhook.message_id
    webhook.refresh_from_db()
    assert (webhook.state, webhook.problem, webhook.attempts) == ("sent", "", 2)


def test_what_comes_later_for_an_order_waits_and_what_is_of_others_doesnt(ann, sue, shop):
    first = filed(ann)
    approve(first, sue)
    shop.status = 503
    deliver()
    shop.status = 200
    other = filed(ann)

    assert deliver() == 1
    assert shop.told() == [("claim.filed", other.order.shop_id)]

    assert deliver(NOW + timedelta(minutes=1)) == 3
    assert [kind for kind, _ in shop.told()[1:]] == [
        "claim.filed",
        "claim.decided",
        "credit.returned",
    ]


def test_a_shop_that_is_down_isnt_asked_for_everything(ann, shop):
    for _ in range(6):
        filed(ann)
    shop.status = 503

    deliver()

    assert shop.asked == webhook_delivery.MOST_FAILURES


def test_who_died_leaves_a_lease_and_it_goes_out_again(ann, shop):
    filed(ann)
    leased = webhook_delivery._begin(now=NOW + SECOND)
    assert leased

    assert deliver(NOW + webhook_delivery.LEASE - SECOND) == 0
    assert deliver(NOW + webhook_delivery.LEASE) == 1


def test_one_whose_lease_was_over_changes_nothing_any_more(ann, shop):
    filed(ann)
    late = webhook_delivery._begin(now=NOW)
    deliver(NOW + webhook_delivery.LEASE)
    webhook = Webhook.objects.get()
    assert webhook.state == "sent"

    webhook_delivery._end(late, problem="The shop answered 503.", now=NOW + timedelta(hours=1))

    webhook.refresh_from_db()
    assert webhook.state == "sent"


def test_what_was_given_up_is_sent_again_with_all_its_tries(ann, shop, max_):
    claim = filed(ann)
    shop.status = 503
    webhook = Webhook.objects.get()
    give_up(webhook)
    withdraw_claim(claim_id=claim.pk, by=ann, now=NOW)
    later = NOW + timedelta(days=5)

    webhook_delivery.send_again(webhook_id=webhook.pk, by=max_, now=later)

    webhook.refresh_from_db()
    assert (webhook.state, webhook.attempts, webhook.settled_by) == ("waiting", 0, max_)
    shop.status = 200
    assert deliver(later) == 1
    with pytest.raises(ValidationError) as error:
        webhook_delivery.send_again(webhook_id=webhook.pk, by=max_, now=later)
    assert error.value.code == "webhook"


def test_what_was_given_up_holds_up_its_order_until_somebody_leaves_it_out(ann, shop, max_, sue):
    claim = filed(ann)
    webhook = Webhook.objects.get()
    shop.status = 400
    give_up(webhook)
    approve(claim, sue)
    shop.status = 200
    later = NOW + timedelta(days=5)
    assert deliver(later) == 0

    webhook_delivery.leave_out(webhook_id=webhook.pk, by=max_)

    assert deliver(later) == 2
    assert [kind for kind, _ in shop.told()] == ["claim.decided", "credit.returned"]


@pytest.mark.parametrize("act", ["send_again", "leave_out"])
def test_support_settles_nothing(ann, shop, sue, act):
    filed(ann)
    shop.status = 400
    webhook = Webhook.objects.get()
    give_up(webhook)
    named = {"now": NOW} if act == "send_again" else {}

    with pytest.raises(PermissionDenied):
        getattr(webhook_delivery, act)(webhook_id=webhook.pk, by=sue, **named)


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        ("sent", {"state": "waiting", "sent_at": None}),
        ("sent", {"state": "dead", "sent_at": None, "problem": "x"}),
        ("waiting", {"state": "left_out"}),
        ("waiting", {"data": {"amount": "1000.00"}}),
        ("waiting", {"type": "credit.returned"}),
    ],
)
def test_the_database_holds_what_was_said_and_how_it_went(ann, shop, state, changes):
    filed(ann)
    if state == "sent":
        deliver()

    with pytest.raises(DatabaseError), transaction.atomic():
        Webhook.objects.update(**changes)
