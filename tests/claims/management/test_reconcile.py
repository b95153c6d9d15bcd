"""The returns on which the shop and the portal disagree."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from claims.actions.orders import automatic_returns
from claims.actions.review.customer_merges import complete_merge
from claims.actions.shop.inbound_events import receive_shop_events
from claims.formats.shop_messages import ShopMessage
from tests.claims.actions.shop.shop_messages import message
from tests.makers import make_customer_id, make_merge, make_order, make_shop_event, top_up

pytestmark = pytest.mark.usefixtures("shop")


def reconcile(*arguments):
    """Return the command's last line, and the lines before."""
    said, complained = StringIO(), StringIO()
    try:
        call_command("reconcile", *arguments, stdout=said, stderr=complained, no_color=True)
    except CommandError as error:
        return str(error), complained.getvalue().splitlines()
    return said.getvalue().strip(), []


def returned(ann, *, ago=timedelta(0)):
    now = timezone.now()
    order = make_order(ann, purchased_at=now - timedelta(hours=5))
    automatic_returns.return_expired(now=now - ago)
    return order


def acknowledge(order, amount):
    told = message(
        f"ack-{order.pk}", "credit.acknowledged", order_id=order.shop_id, amount=amount,
        currency="EUR",
    )  # fmt: skip
    receive_shop_events(messages=[told], now=timezone.now())


def test_all_is_well_when_the_shop_says_the_same(ann):
    acknowledge(returned(ann, ago=timedelta(hours=2)), "2.50")

    assert reconcile() == ("The shop has acknowledged all returns and tells our balances.", [])


def test_what_is_late_and_what_differs_is_listed(ann):
    late = returned(ann, ago=timedelta(hours=2))
    other = returned(ann)
    acknowledge(other, "2.00")
    returned(ann)

    said, lines = reconcile()

    assert said == "Returns that the shop and the portal don't agree on: 2. Balances: 0."
    assert lines[0].startswith(f"{late.shop_id}: 2.50 EUR returned at ")
    assert lines[0].endswith("Z, not acknowledged")
    assert lines[1].endswith("Z, the shop says 2.00 EUR")


def test_how_long_the_shop_has_can_be_said(ann):
    returned(ann, ago=timedelta(minutes=10))

    assert len(reconcile("--minutes=5")[1]) == 1
    assert reconcile("--minutes=15")[1] == []
    assert reconcile("--minutes=-1")[0] == "--minutes must be 0 or more."


def told(balance, *, at=timedelta(0), **named):
    now = timezone.now()
    named = named or {"customer_email": "ann@example.com"}
    figure = {**named, "balance": balance, "currency": "EUR"}
    message_ = ShopMessage(f"figure-{balance}", "credit.balance", now - at, figure)
    receive_shop_events(messages=[message_], now=now)


def test_a_balance_that_the_shop_tells_otherwise_is_listed_with_what_explains_it(ann):
    returned(ann, ago=timedelta(minutes=5))
    told("0.00")

    last, lines = reconcile()

    assert last == "Returns that the shop and the portal don't agree on: 0. Balances: 1."
    assert lines[0].startswith("ann@example.com, EUR: the shop says 0.00 at ")
    assert lines[0].endswith("ours is 2.50, -2.50 apart; returns of 2.50 aren't acknowledged")


def test_a_balance_that_nothing_explains_is_called_so(ann):
    make_order(ann)
    told("9.00")

    assert reconcile()[1][0].endswith("ours is 0.00, +9.00 apart; unexplained")


def test_the_newest_figure_counts_and_what_moved_after_it_does_not(ann):
    make_order(ann, purchased_at=timezone.now() - timedelta(hours=5))
    told("9.00", at=timedelta(hours=1))
    told("0.00")
    adjustment = {"customer_email": "ann@example.com", "amount": "3", "currency": "EUR"}
    later = message("bonus", "credit.adjusted", **adjustment, reason="bonus")
    now = timezone.now() + timedelta(minutes=1)
    receive_shop_events(messages=[later._replace(at=now)], now=now)

    assert reconcile() == ("The shop has acknowledged all returns and tells our balances.", [])


def test_after_a_merge_the_newest_figure_is_compared_with_the_sum(ann, bob):
    top_up(ann, "10.00")
    top_up(bob, "3.00")
    told("10.00")
    told("4.00", customer_email="bob@example.com")
    complete_merge(merge_id=make_merge(ann, bob).pk, now=timezone.now())

    # The figures of the time before are of one account each.
    assert reconcile()[1] == []

    told("12.00", customer_email="bob@example.com", at=-timedelta(seconds=1))

    assert len(reconcile()[1]) == 1
    assert "bob@example.com, EUR: the shop says 12.00" in reconcile()[1][0]
    assert reconcile()[1][0].endswith("ours is 13.00, -1.00 apart; unexplained")


def test_a_figure_of_the_sum_agrees(ann, bob):
    top_up(ann, "10.00")
    top_up(bob, "3.00")
    complete_merge(merge_id=make_merge(ann, bob).pk, now=timezone.now())
    told("13.00", customer_email="bob@example.com", at=-timedelta(seconds=1))

    assert reconcile()[1] == []


def test_someone_without_an_address_is_listed_by_their_id(db):
    told("9.00", customer_id="tg-5")

    assert reconcile()[1][0].startswith("tg-5, EUR: the shop says 9.00 at ")


def test_events_that_name_the_customer_by_id_are_counted(ann):
    make_order(ann)
    make_customer_id(ann, "c-1")
    told("9.00")
    make_shop_event(state="waiting", customer_id="c-1")

    assert reconcile()[1][0].endswith("+9.00 apart; 1 events wait or were refused")
