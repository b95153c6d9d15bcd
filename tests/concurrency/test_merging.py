"""Two customers become one while the shop, a reviewer, the sweep and the customer go on."""

import threading
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.checking import faults
from accounts.models import CreditAccount, CreditTransfer
from claims.actions.core import locks
from claims.actions.orders import intake
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.orders.intake import receive_orders
from claims.actions.review import customer_merges
from claims.actions.review.customer_merges import complete_merge
from claims.models import Claim, Order
from claims.queries.core.clock import database_now
from tests import reviewing
from tests.claims.actions.orders.reports import NOW, bought
from tests.concurrency.racing import errors, race, someone_waits
from tests.makers import (
    ANSWERS,
    make_claim,
    make_customer_id,
    make_merge,
    make_order,
    newest_event,
    top_up,
)
from tests.processes import PATIENCE, wait_until

ORDERS = 6


def completing(merge):
    return lambda: complete_merge(merge_id=merge.pk, now=database_now())


def buying(n, **named):
    report = bought(f"N-{n}", phone=f"+49151123456{n:02}", **named)
    return lambda: receive_orders(reports=[report], now=NOW)


def completing_slowly(merge, begun, ended, monkeypatch):
    """Complete the merge, and commit only once somebody waits for it or has ended."""
    hand_over = customer_merges._hand_over

    def hand_over_later(*people, now):
        hand_over(*people, now=now)
        begun.set()
        wait_until(lambda: ended.is_set() or someone_waits())

    monkeypatch.setattr(customer_merges, "_hand_over", hand_over_later)
    return completing(merge)


def meanwhile(act, begun, ended):
    def act_then():
        begun.wait(timeout=PATIENCE)
        try:
            return act()
        finally:
            ended.set()

    return act_then


def during_a_merge(ann, bob, act, monkeypatch):
    """Return the outcome of `act`, which begins before the commit of a merge that moved all."""
    begun, ended = threading.Event(), threading.Event()
    merge = make_merge(ann, bob)
    merged, outcome = race(
        completing_slowly(merge, begun, ended, monkeypatch), meanwhile(act, begun, ended)
    )
    assert errors([merged]) == []
    return outcome


def test_purchases_returns_and_the_merge_leave_nothing_behind(ann, bob):
    make_customer_id(ann, "c-1")
    top_up(ann, "50.00")
    hour_ago = timezone.now() - timedelta(hours=1)
    expired = [make_order(ann, purchased_at=hour_ago) for _ in range(ORDERS)]
    merge = make_merge(ann, bob)
    purchases = [buying(n, customer_id="c-1") for n in range(ORDERS)]

    outcomes = race(
        completing(merge), *purchases, *[lambda: return_expired(now=timezone.now())] * 2
    )
    return_expired(now=timezone.now())

    assert errors(outcomes) == []
    assert not Order.objects.filter(customer=ann).exists()
    assert not CreditAccount.objects.filter(owner=ann).exists()
    back = CreditTransfer.objects.filter(kind="return", charge__in=[o.charge for o in expired])
    assert back.count() == ORDERS
    assert Order.objects.filter(customer=bob, shop_id__startswith="N-").count() == ORDERS
    assert not [*faults()]


def test_without_the_lock_a_purchase_stays_with_who_became_another(ann, bob, monkeypatch):
    make_customer_id(ann, "c-1")
    merge = make_merge(ann, bob)
    monkeypatch.setattr(customer_merges, "lock_intake", lambda: None)
    create = intake._create

    def create_and_then_merge(accepted, customers, *, now):
        create(accepted, customers, now=now)
        assert errors(race(completing(merge))) == []

    # The purchase's own account would make the merge wait, so it is there before.
    top_up(ann, "5.00")
    monkeypatch.setattr(intake, "_create", create_and_then_merge)
    monkeypatch.setattr(intake, "_lock_credit", lambda customers, touched: None)
    buying(1, customer_id="c-1", price=0)()

    assert Order.objects.get(shop_id="N-1").customer == ann


def test_an_approval_waits_and_returns_the_price_to_the_one_account(ann, bob, sue, monkeypatch):
    top_up(ann, "5.00")
    claim = make_claim(make_order(ann))
    seen = newest_event(claim)

    decision = during_a_merge(
        ann,
        bob,
        lambda: reviewing.approve(
            claim_id=claim.pk, by=sue, seen=seen, answers=ANSWERS, note="", now=timezone.now()
        ),
        monkeypatch,
    )

    assert errors([decision]) == []
    claim.refresh_from_db()
    assert claim.status == Claim.Status.REFUNDED
    assert decision.transfer.credit.owner == bob
    assert decision.transfer.credit.former_owner == ann
    assert not [*faults()]


def test_without_a_second_look_an_order_with_another_customer_is_lost(ann, bob, sue, monkeypatch):
    order = make_order(ann)

    def lock_once(order_id):
        orders = Order.objects.select_for_update(of=("self",)).select_related(*locks.WITH_ORDER)
        return orders.get(pk=order_id)

    monkeypatch.setattr(locks, "lock_order", lock_once)
    outcome = during_a_merge(ann, bob, lambda: _locked(order), monkeypatch)

    assert isinstance(outcome, Order.DoesNotExist)


def test_a_claim_that_the_merged_customer_files_meanwhile_is_refused(ann, bob, monkeypatch):
    order = make_order(ann)

    outcome = during_a_merge(ann, bob, lambda: make_claim(order), monkeypatch)

    assert isinstance(outcome, PermissionDenied)
    assert not Claim.objects.exists()


def test_two_workers_complete_it_once(ann, bob):
    top_up(ann, "5.00")
    merge = make_merge(ann, bob)

    outcomes = race(completing(merge), completing(merge))

    (refused,) = errors(outcomes)
    assert refused.code == "merge"
    assert CreditAccount.objects.filter(owner=bob).count() == 1


def test_an_objection_and_the_end_exclude_each_other(ann, bob):
    merge = make_merge(ann, bob)

    def object_():
        return customer_merges.object_to_merge(
            merge_id=merge.pk, user_id=ann.pk, now=timezone.now()
        )

    outcomes = race(object_, completing(merge))

    (refused,) = errors(outcomes)
    assert refused.code == "merge"
    merge.refresh_from_db()
    assert merge.state in ("done", "objected")


def _locked(order):
    with transaction.atomic():
        return locks.lock_order(order.pk)
