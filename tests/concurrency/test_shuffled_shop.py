"""Four machines tell a shop's 300 orders, each in an order of its own, drawn from `SAMPLE_SEED`."""

import os
import random
from collections import defaultdict
from decimal import Decimal

from django.db.models import Exists, OuterRef, Sum
from django.utils import timezone

from accounts.checking import faults
from accounts.models import CreditAccount, CustomerId, User
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.review.customer_merges import complete_merge
from claims.actions.shop import inbound_events
from claims.models import Dispute, Order, ShopEvent, SupplierEntry
from claims.queries.core.clock import database_now
from claims.queries.orders.due_returns import CANCELLATION_RESTS
from tests import sampling
from tests.claims.actions.orders.reports import NUMBER, TOP_UP
from tests.claims.actions.shop.shop_messages import created, message
from tests.concurrency.racing import errors, race
from tests.concurrency.shop_story import MERGED, SURVIVOR, Outcome, story
from tests.makers import make_merge
from tests.processes import wait_until

MACHINES = 4
AT_ONCE = 20


def read(told):
    if told.kind not in ("order.created", "order.updated"):
        return message(told.event_id, told.kind, told.after, **told.data)
    row = TOP_UP if told.data["product"] == "top_up" else NUMBER
    return created(told.event_id, row, after_noon=told.after, kind=told.kind, **told.data)


def telling(events, draw):
    """Tell each event once, shuffled."""
    shuffled = [read(told) for told in draw.sample(events, len(events))]

    def tell():
        for start in range(0, len(shuffled), AT_ONCE):
            part = shuffled[start : start + AT_ONCE]
            inbound_events.receive_shop_events(messages=part, now=timezone.now())

    return tell


def merge_two():
    """Make one customer of two as soon as both are known, while others tell of them."""
    ids = CustomerId.objects.filter(customer_id__in=[MERGED, SURVIVOR])
    wait_until(lambda: ids.count() == 2)
    people = {row.customer_id: row.user for row in ids}
    merge = make_merge(people[MERGED], people[SURVIVOR])
    complete_merge(merge_id=merge.pk, now=database_now())


def people():
    """Return each customer's own id, or the address of those without one, by primary key."""
    own = CustomerId.objects.filter(merged_at=None).values_list("user_id", "customer_id")
    return dict(User.objects.values_list("pk", "email")) | dict(own)


def addresses():
    own = CustomerId.objects.filter(merged_at=None)
    return dict(own.values_list("customer_id", "user__email"))


def figures():
    names, sums = people(), defaultdict(Decimal)
    for account in CreditAccount.objects.filter(owner__isnull=False):
        sums[names[account.owner_id]] += account.balance - account.uncovered
    return {name: (max(total, Decimal(0)), max(-total, Decimal(0)))
            for name, total in sums.items()}  # fmt: skip


def outcome(order, names):
    back = order.return_transfer.amount if order.return_transfer else Decimal(0)
    service = order.number.service_id if order.number else None
    return Outcome(
        customer=names[order.customer_id],
        price=order.price,
        service=service,
        back=back if order.returned_at else None,
        is_late=order.late_sms_at is not None,
        is_disputed=order.is_disputed,
    )


def outcomes():
    disputes = Dispute.objects.filter(order=OuterRef("pk"))
    orders = Order.objects.select_related("number", "return_transfer")
    names = people()
    return {
        each.shop_id: outcome(each, names) for each in orders.annotate(is_disputed=Exists(disputes))
    }


def test_three_hundred_orders_come_to_the_end_that_their_story_says(real_commits):
    seed = int(os.environ[sampling.SEED])
    draw, told = random.Random(seed), story(seed)

    answers = race(merge_two, *(telling(told.events, draw) for _ in range(MACHINES)))

    assert errors(answers) == []
    left = ShopEvent.objects.exclude(state=ShopEvent.State.APPLIED)
    assert [*left.values_list("type", "problem")] == []
    assert figures() == told.figures(is_swept=False)
    return_expired(now=timezone.now() + CANCELLATION_RESTS)
    assert outcomes() == told.orders
    assert addresses() == told.addresses()
    assert figures() == told.figures(is_swept=True)
    assert SupplierEntry.objects.aggregate(Sum("amount")) == {"amount__sum": told.supplier_took}
    assert not [*faults()]
