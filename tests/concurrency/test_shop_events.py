"""The shop's machines send the same events at the same moment, each in an order of its own."""

import random
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.checking import faults
from accounts.models import CreditAccount, CreditTransfer
from claims.actions.orders import intake
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.orders.importer import import_orders
from claims.actions.shop import inbound_events
from claims.formats.order_reports import read_report
from claims.formats.text_values import TextValues
from claims.models import Order, ShopEvent
from claims.queries.orders.due_returns import CANCELLATION_RESTS
from tests.claims.actions.orders.reports import NUMBER, TOP_UP, minutes
from tests.claims.actions.shop.shop_messages import created, message
from tests.concurrency.racing import errors, race

ORDERS = 12
# Twelve numbers of 2.50, each reported with its SMS or its cancellation.
EVENTS = [
    created("top-up", TOP_UP, price="30.00"),
    *(created(f"bought-{n}", NUMBER, order_id=f"N-{n}") for n in range(ORDERS)),
    *(message(f"sms-{n}", "sms.received", 5, order_id=f"N-{n}") for n in range(0, ORDERS, 2)),
    *(message(f"no-{n}", "activation.cancelled", 5, order_id=f"N-{n}")
      for n in range(1, ORDERS, 2)),
]  # fmt: skip


def telling(seed):
    """Send all of it, shuffled, in batches of four."""
    events = random.Random(seed).sample(EVENTS, len(EVENTS))

    def tell():
        for start in range(0, len(events), 4):
            inbound_events.receive_shop_events(
                messages=events[start : start + 4], now=timezone.now()
            )

    return tell


def importing():
    rows = [TOP_UP | {"price": "30.00"}, *(NUMBER | {"order_id": f"N-{n}"} for n in range(ORDERS))]
    now = timezone.now()
    reports = [read_report(TextValues(row), line=n, now=now) for n, row in enumerate(rows, 2)]
    list(import_orders(reports=reports, now=now))


@pytest.mark.parametrize("attempt", range(3))
def test_machines_that_tell_the_same_come_to_one_end(attempt, real_commits):
    outcomes = race(*(telling(10 * attempt + seed) for seed in range(4)), importing)

    assert errors(outcomes) == []
    assert set(ShopEvent.objects.values_list("state", flat=True)) == {"applied"}
    assert ShopEvent.objects.count() == len(EVENTS)
    assert Order.objects.count() == 1 + ORDERS
    assert Order.objects.filter(sms_received_at=minutes(5)).count() == ORDERS // 2
    return_expired(now=timezone.now() + CANCELLATION_RESTS)
    assert CreditTransfer.objects.filter(kind="return").count() == ORDERS // 2
    assert CreditAccount.objects.get(owner__isnull=False).balance == Decimal("15.00")
    assert not [*faults()]


def test_without_the_lock_they_get_in_each_others_way(real_commits, monkeypatch):
    for module in (intake, inbound_events):
        monkeypatch.setattr(module, "lock_intake", lambda: None)

    outcomes = race(*map(telling, range(4)))

    assert errors(outcomes)
