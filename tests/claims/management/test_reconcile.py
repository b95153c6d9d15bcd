"""The returns on which the shop and the portal disagree."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from claims.actions.orders import automatic_returns
from claims.actions.shop.inbound_events import receive_shop_events
from tests.claims.actions.shop.shop_messages import message
from tests.makers import make_order

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

    assert reconcile() == ("The shop has acknowledged all returns.", [])


def test_what_is_late_and_what_differs_is_listed(ann):
    late = returned(ann, ago=timedelta(hours=2))
    other = returned(ann)
    acknowledge(other, "2.00")
    returned(ann)

    said, lines = reconcile()

    assert said == "Returns that the shop and the portal don't agree on: 2."
    assert lines[0].startswith(f"{late.shop_id}: 2.50 EUR returned at ")
    assert lines[0].endswith("Z, not acknowledged")
    assert lines[1].endswith("Z, the shop says 2.00 EUR")


def test_how_long_the_shop_has_can_be_said(ann):
    returned(ann, ago=timedelta(minutes=10))

    assert len(reconcile("--minutes=5")[1]) == 1
    assert reconcile("--minutes=15")[1] == []
    assert reconcile("--minutes=-1")[0] == "--minutes must be 0 or more."
