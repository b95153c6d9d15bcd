"""The result depends only on the set of events, in whatever batches they come."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import CreditTransfer, User
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.shop import inbound_events
from claims.actions.shop.inbound_events import receive_shop_events
from claims.formats.shop_messages import read_contents
from claims.models import Event, Order, ShopEvent
from tests.claims.actions.orders.reports import NOW, NUMBER, TOP_UP, minutes
from tests.claims.actions.orders.test_permutations import SWEPT, end
from tests.claims.actions.shop.shop_messages import created, message
from tests.sampling import load

pytestmark = pytest.mark.django_db


def receive(*messages, now=NOW):
    return receive_shop_events(messages=messages, now=now)


def states():
    return dict(ShopEvent.objects.values_list("event_id", "state"))


EVENTS = [
    created("top-up", TOP_UP, price="10.00", customer_name="Annie"),
    message("customer", "customer.upserted", 3, customer_email="ann@example.com",
            customer_name="Ann"),
    message("customer-before", "customer.upserted", 1, customer_email="ann@example.com",
            customer_name="Anne"),
    message("other", "customer.upserted", customer_email="bob@example.com", customer_name="Bob"),
    # Used, completed, one more SMS; meanwhile its time was extended.
    created("one", NUMBER, two_factor=False),
    message("one-sms", "sms.received", 4, order_id="N-1"),
    message("one-sms-again", "sms.received", 9, order_id="N-1"),
    message("one-completed", "activation.completed", 8, order_id="N-1"),
    message("one-2fa", "number.two_factor", 30, order_id="N-1"),
    created("one-updated", NUMBER, after_noon=3, kind="order.updated", supplier="south",
            allotted_until="2026-04-01T12:40:00+00:00"),
    # Cancelled without an SMS: its price pays for the next one.
    created("two", NUMBER, order_id="N-2", price="7.00", two_factor=False),
    message("two-cancelled", "activation.cancelled", 6, order_id="N-2"),
    created("three", NUMBER, order_id="N-3", price="7.50", two_factor=False, after_noon=20,
            purchased_at="2026-04-01T12:20:00+00:00", allotted_until="2026-04-01T12:50:00+00:00"),
    # Refused, each for a reason of its own.
    message("early-sms", "sms.received", -5, order_id="N-1"),
    message("sms-of-a-top-up", "sms.received", 5, order_id="T-1"),
    # Never applied.
    message("nothing", "activation.completed", 5, order_id="N-99"),
    message("odd", "shop.closed", 5),
]  # fmt: skip


def whole_end():
    names = dict(User.objects.values_list("email", "display_name"))
    described = list(Order.objects.order_by("shop_id").values_list("described_at", flat=True))
    return end(), names, described, states()


def received(batches):
    """Return the states before and after the sweep, and roll everything back."""
    before = transaction.savepoint()
    try:
        for batch in batches:
            receive(*batch)
        arrived = whole_end()
        return_expired(now=SWEPT)
        return arrived, whole_end()
    finally:
        transaction.savepoint_rollback(before)


def test_the_events_come_to_what_their_story_says():
    (arrived, names, _, states), (swept, *_) = received([EVENTS])
    orders, _, balances, _ = arrived

    assert names == {"ann@example.com": "Ann", "bob@example.com": "Bob"}
    assert balances == {"ann@example.com": [0, Decimal("7.00")]}
    _, transfers, balances, events = swept
    assert balances == {"ann@example.com": [Decimal("7.50"), 0]}
    assert ("N-2", "return", Decimal("7.00")) in transfers
    assert {order for order, kind in events if kind == "returned"} == {"N-2", "N-3"}
    first = orders[0]
    assert first[:4] == ("N-1", "ann@example.com", Decimal("2.50"), "completed")
    assert first[4:8] == (minutes(40), minutes(4), minutes(8), minutes(9))
    assert first[-2:] == ("south", True)
    assert {name: state for name, state in states.items() if state != "applied"} == {
        "early-sms": "refused",
        "sms-of-a-top-up": "refused",
        "nothing": "waiting",
        "odd": "unknown",
    }


@pytest.mark.sampled
@settings(
    max_examples=load(40, share=1 / 2),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_neither_order_nor_batches_nor_repetition_change_the_end(data):
    again = data.draw(st.lists(st.sampled_from(EVENTS), max_size=6))
    shuffled = data.draw(st.permutations([*EVENTS, *again]))
    size = data.draw(st.sampled_from([1, 2, 5, len(shuffled)]))
    batches = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]

    assert received(batches) == received([EVENTS])


def test_an_event_is_read_once_when_it_comes_and_again_when_it_has_waited(monkeypatch):
    read = []

    def reading(message, *, now):
        read.append(message.event_id)
        return read_contents(message, now=now)

    monkeypatch.setattr(inbound_events, "read_contents", reading)
    receive(created("top-up", TOP_UP), message("sms", "sms.received", 4, order_id="N-1"))
    assert sorted(read) == ["sms", "top-up"]

    receive(created("one", NUMBER))
    assert sorted(read) == ["one", "sms", "sms", "top-up"]
    assert set(states().values()) == {"applied"}


def test_an_sms_told_after_the_return_is_flagged_and_nothing_is_taken_back():
    receive(created("a", TOP_UP), created("b", NUMBER))
    receive(message("c", "activation.cancelled", 6, order_id="N-1"))
    return_expired(now=SWEPT)

    (answer,) = receive(message("d", "sms.received", 4, order_id="N-1"))

    order = Order.objects.get(shop_id="N-1")
    assert answer.state == "applied"
    assert order.late_sms_at == minutes(4)
    assert CreditTransfer.objects.filter(kind="return").count() == 1
    assert Event.objects.filter(kind="late_sms").count() == 1


def test_an_order_told_otherwise_is_refused_and_the_first_word_stands():
    receive(created("a", TOP_UP), created("b", NUMBER))

    (answer,) = receive(created("c", NUMBER, price="1.00"))

    assert (answer.state, answer.is_new) == ("refused", True)
    assert answer.problem == "price can't change: 1.00 here, 2.50 before"
    assert Order.objects.get(shop_id="N-1").price == Decimal("2.50")


def test_who_has_signed_in_keeps_their_name(ann):
    User.objects.filter(pk=ann.pk).update(display_name="Anna", last_login=timezone.now())

    receive(message("a", "customer.upserted", customer_email=ann.email, customer_name="Ann"))

    ann.refresh_from_db()
    assert ann.display_name == "Anna"


def test_a_person_of_the_staff_keeps_their_name(sue):
    name = sue.display_name

    receive(message("a", "customer.upserted", customer_email=sue.email, customer_name="Boss"))

    sue.refresh_from_db()
    assert sue.display_name == name != "Boss"


def test_the_number_of_queries_does_not_grow_with_the_events(django_assert_max_num_queries):
    receive(created("t", TOP_UP, price="900.00"))

    def orders(first, last):
        return [created(f"e{i}", NUMBER, order_id=f"N-{i}") for i in range(first, last)]

    receive(*orders(0, 2))
    with django_assert_max_num_queries(54):
        receive(*orders(2, 4))
    with django_assert_max_num_queries(54):
        receive(*orders(4, 90))


@pytest.mark.parametrize(
    "change",
    [
        {"data": {}},
        {"state": "applied", "settled_at": None},
        {"problem": ""},
    ],
)
def test_the_database_keeps_what_was_told(change):
    receive(message("a", "sms.received", 5, order_id="N-9"))

    with pytest.raises(DatabaseError), transaction.atomic():
        ShopEvent.objects.update(**change)


def test_the_database_settles_an_event_once():
    receive(message("a", "customer.upserted", customer_email="ann@example.com"))

    with pytest.raises(DatabaseError, match="update"), transaction.atomic():
        ShopEvent.objects.update(settled_at=NOW + timedelta(days=1))
    with pytest.raises(DatabaseError, match="delete"), transaction.atomic():
        ShopEvent.objects.all().delete()
