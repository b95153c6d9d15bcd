"""Customers by the shop's id: their addresses and their orders, in whatever order events come."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import CreditAccount, CustomerId, User
from claims.actions.review.customer_merges import complete_merge
from claims.actions.shop.inbound_events import receive_shop_events, retry_waiting
from claims.models import Order, ShopEvent
from tests.claims.actions.orders.reports import NOW, NUMBER, TOP_UP
from tests.claims.actions.shop.shop_messages import created, message
from tests.makers import make_merge
from tests.sampling import load

pytestmark = pytest.mark.django_db
ANN: dict[str, Any] = {
    "customer_id": "c-ann",
    "customer_email": "ann@example.com",
    "customer_name": "Ann",
}
BOB: dict[str, Any] = {
    "customer_id": "c-bob",
    "customer_email": "bob@example.com",
    "customer_name": "Bob",
}
MOVED = ANN | {"customer_email": "annie@example.com"}
TELEGRAM: dict[str, Any] = {"customer_id": "tg:77", "customer_email": "", "customer_name": "Tigran"}


def receive(*messages, now=NOW):
    return receive_shop_events(messages=messages, now=now)


def upserted(event_id, after_noon=0.0, **customer):
    return message(event_id, "customer.upserted", after_noon, **customer)


EVENTS = [
    created("top-up", TOP_UP, **ANN),
    created("one", NUMBER, **ANN),
    upserted("moved", 30, **MOVED),
    # Bought under the new address, told before or after the change.
    created("two", NUMBER, order_id="N-2", after_noon=40, **MOVED),
    # The freed address is Bob's now.
    upserted("bob", 1, **BOB),
    created("three", NUMBER, order_id="N-3", after_noon=50,
            **(BOB | {"customer_email": "ann@example.com"})),
    created("four", NUMBER, order_id="N-4", **TELEGRAM),
    message("bonus", "credit.adjusted", 5, customer_id="tg:77", amount="4.00", currency="EUR",
            reason="bonus"),
    message("balance", "credit.balance", 6, customer_id="c-ann", balance="1.00", currency="EUR"),
]  # fmt: skip


def end():
    people = CustomerId.objects.values_list("customer_id", "user__email", "user__display_name")
    return (
        set(people),
        set(Order.objects.values_list("shop_id", "customer__customer_ids__customer_id")),
        set(CreditAccount.objects.exclude(owner=None).values_list(
            "owner__customer_ids__customer_id", "balance", "uncovered"
        )),
        set(ShopEvent.objects.values_list("event_id", "state")),
        User.objects.count(),
    )  # fmt: skip


def received(batches):
    before = transaction.savepoint()
    try:
        for batch in batches:
            receive(*batch)
        return end()
    finally:
        transaction.savepoint_rollback(before)


def test_the_events_come_to_what_their_story_says():
    people, orders, accounts, states, count = received([EVENTS])

    assert people == {
        ("c-ann", "annie@example.com", "Ann"),
        ("c-bob", "ann@example.com", "Bob"),
        ("tg:77", "", "Tigran"),
    }
    assert orders == {
        ("T-1", "c-ann"), ("N-1", "c-ann"), ("N-2", "c-ann"), ("N-3", "c-bob"), ("N-4", "tg:77"),
    }  # fmt: skip
    assert ("tg:77", Decimal("1.50"), Decimal(0)) in accounts
    assert {state for _, state in states} == {"applied"}
    assert count == 3


@pytest.mark.sampled
@settings(
    max_examples=load(40, share=1 / 2),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_neither_order_nor_batches_nor_repetition_change_the_end(data):
    again = data.draw(st.lists(st.sampled_from(EVENTS), max_size=4))
    shuffled = data.draw(st.permutations([*EVENTS, *again]))
    size = data.draw(st.sampled_from([1, 2, 5, len(shuffled)]))
    batches = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]

    assert received(batches) == received([EVENTS])


def test_an_order_of_a_contested_address_waits_and_says_so_until_it_has_an_id():
    receive(created("one", NUMBER, **ANN), upserted("moved", 30, **MOVED))

    (answer,) = receive(created("two", NUMBER, order_id="N-2"))
    assert answer.state == "waiting"
    assert "customer_id" in answer.problem

    receive(message("sms", "sms.received", 4, order_id="N-2"))
    receive(created("two-again", NUMBER, order_id="N-2", **BOB))

    # The address without an id still names nobody for sure; the order itself is Bob's.
    states = dict(ShopEvent.objects.values_list("event_id", "state"))
    assert states["sms"] == "applied"
    assert Order.objects.get(shop_id="N-2").customer.display_name == "Bob"


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("customer.upserted", {"customer_name": "Ann"}),
        ("credit.adjusted", {"amount": "4.00", "currency": "EUR", "reason": "bonus"}),
        ("credit.balance", {"balance": "4.00", "currency": "EUR"}),
    ],
)
def test_what_is_told_of_a_contested_address_waits_and_moves_nothing(kind, data):
    receive(upserted("ann", **ANN), upserted("moved", 30, **MOVED))

    (answer,) = receive(message("new", kind, 40, customer_email="ann@example.com", **data))

    assert (answer.state, User.objects.count()) == ("waiting", 1)
    assert not CreditAccount.objects.exclude(owner=None).filter(balance__gt=0).exists()


def test_an_event_about_nobody_is_refused():
    (answer,) = receive(message("who", "customer.upserted", customer_name="Ann"))

    assert answer.state == "refused"
    assert "customer_id" in answer.problem


def test_an_older_name_under_an_id_changes_nothing():
    receive(upserted("new", 9, **(ANN | {"customer_name": "Anna"})))
    receive(upserted("old", 3, **ANN))

    assert User.objects.get().display_name == "Anna"


def test_what_waited_for_a_contested_address_is_applied_after_a_merge():
    receive(upserted("ann", **ANN), upserted("moved", 30, **MOVED),
            upserted("bob", 40, **(BOB | {"customer_email": "ann@example.com"})))  # fmt: skip
    receive(created("two", NUMBER, order_id="N-2"))
    assert retry_waiting(now=NOW) == 0
    ann, bob = (CustomerId.objects.get(customer_id=each).user for each in ("c-ann", "c-bob"))

    complete_merge(merge_id=make_merge(ann, bob).pk, now=timezone.now())

    assert retry_waiting(now=NOW) == 1
    assert Order.objects.get(shop_id="N-2").customer == bob
