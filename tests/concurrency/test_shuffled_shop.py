"""Four machines tell a shop's 300 orders, each in an order of its own, drawn from `SAMPLE_SEED`."""

import os
import random
from decimal import Decimal

from django.db.models import Exists, OuterRef, Sum
from django.utils import timezone

from accounts.checking import faults
from accounts.models import CreditAccount
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.shop import inbound_events
from claims.models import Dispute, Order, ShopEvent, SupplierEntry
from claims.queries.orders.due_returns import CANCELLATION_RESTS
from tests import sampling
from tests.claims.actions.orders.reports import NUMBER, TOP_UP
from tests.claims.actions.shop.shop_messages import created, message
from tests.concurrency.racing import errors, race
from tests.concurrency.shop_story import Outcome, story

MACHINES = 4
AT_ONCE = 20


def read(told):
    if told.kind != "order.created":
        return message(told.event_id, told.kind, told.after, **told.data)
    row = TOP_UP if told.data["product"] == "top_up" else NUMBER
    return created(told.event_id, row, **told.data)


def telling(events, draw):
    """Tell each event once, shuffled."""
    shuffled = [read(told) for told in draw.sample(events, len(events))]

    def tell():
        for start in range(0, len(shuffled), AT_ONCE):
            part = shuffled[start : start + AT_ONCE]
            inbound_events.receive_shop_events(messages=part, now=timezone.now())

    return tell


def figures():
    accounts = CreditAccount.objects.filter(owner__isnull=False)
    return {each.owner.email: (each.balance, each.uncovered)
            for each in accounts.select_related("owner")}  # fmt: skip


def outcome(order):
    back = order.return_transfer.amount if order.return_transfer else Decimal(0)
    service = order.number.service_id if order.number else None
    return Outcome(
        customer=order.customer.email,
        price=order.price,
        service=service,
        back=back if order.returned_at else None,
        is_late=order.late_sms_at is not None,
        is_disputed=order.is_disputed,
    )


def outcomes():
    disputes = Dispute.objects.filter(order=OuterRef("pk"))
    orders = Order.objects.select_related("customer", "number", "return_transfer")
    return {each.shop_id: outcome(each) for each in orders.annotate(is_disputed=Exists(disputes))}


def test_three_hundred_orders_come_to_the_end_that_their_story_says(real_commits):
    seed = int(os.environ[sampling.SEED])
    draw, told = random.Random(seed), story(seed)

    answers = race(*(telling(told.events, draw) for _ in range(MACHINES)))

    assert errors(answers) == []
    left = ShopEvent.objects.exclude(state=ShopEvent.State.APPLIED)
    assert [*left.values_list("type", "problem")] == []
    assert figures() == told.figures(is_swept=False)
    return_expired(now=timezone.now() + CANCELLATION_RESTS)
    assert outcomes() == told.orders
    assert figures() == told.figures(is_swept=True)
    assert SupplierEntry.objects.aggregate(Sum("amount")) == {"amount__sum": told.supplier_took}
    assert not [*faults()]
