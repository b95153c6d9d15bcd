"""A returned credit is pending until the shop, whose balance counts, reports the same amount."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from claims.actions.orders import automatic_returns
from claims.actions.shop.inbound_events import receive_shop_events
from claims.models import Acknowledgement, ShopEvent
from claims.queries.orders.due_returns import CANCELLATION_RESTS
from tests.claims.actions.orders.reports import NOW, NUMBER, TOP_UP
from tests.claims.actions.shop.shop_messages import created, message
from tests.makers import make_order

pytestmark = pytest.mark.usefixtures("shop")


def receive(*messages):
    return receive_shop_events(messages=messages, now=NOW)


def acknowledged(order_id, amount="2.50", currency="EUR", *, event_id="ack", after=30.0):
    return message(
        event_id, "credit.acknowledged", after, order_id=order_id, amount=amount, currency=currency
    )


@pytest.fixture
def order(ann):
    made = make_order(ann)
    automatic_returns.return_expired(now=timezone.now())
    return made


def state(order):
    row = Acknowledgement.objects.get(order=order)
    return row.state, row.answered_amount


def test_a_return_is_pending_until_the_shop_acknowledges_it(order):
    assert state(order) == ("pending", None)

    [answer] = receive(acknowledged(order.shop_id))

    assert answer.state == "applied"
    assert state(order) == ("acknowledged", Decimal("2.50"))


@pytest.mark.parametrize(("amount", "currency"), [("2.00", "EUR"), ("0", "EUR"), ("2.50", "USD")])
def test_another_amount_is_kept_and_stands_out(order, amount, currency):
    receive(acknowledged(order.shop_id, amount, currency))

    assert state(order) == ("differs", Decimal(amount))


def test_the_shops_newest_word_counts_in_whatever_order_it_comes(ann):
    words = [("2.00", 10.0), ("3.00", 20.0), ("2.50", 30.0)]
    for turn in itertools.permutations(words):
        order = make_order(ann)
        automatic_returns.return_expired(now=timezone.now())
        for amount, after in turn:
            told = acknowledged(order.shop_id, amount, event_id=f"{order.pk}-{amount}", after=after)
            receive(told)
            receive(told)

        assert state(order) == ("acknowledged", Decimal("2.50"))


def test_one_that_comes_before_the_return_waits_for_it(ann):
    make_events = [
        created("top-up", TOP_UP, price="10.00"),
        created("one", NUMBER, two_factor=False),
        message("cancelled", "activation.cancelled", 6, order_id="N-1"),
    ]
    early = acknowledged("N-1", NUMBER["price"])

    for event in (early, *make_events):
        receive(event)
    automatic_returns.return_expired(now=NOW + CANCELLATION_RESTS)
    receive(message("anything", "number.two_factor", 7, order_id="N-1"))

    assert ShopEvent.objects.get(event_id="ack").state == "applied"
    assert Acknowledgement.objects.get().state == "acknowledged"


def test_one_of_an_order_that_keeps_its_price_waits(ann):
    order = make_order(ann, sms=True)

    [answer] = receive(acknowledged(order.shop_id))

    assert (answer.state, answer.problem) == (
        "waiting",
        "the price of this order hasn't gone back",
    )


def test_what_went_back_before_the_shop_was_told_awaits_nothing(ann, settings):
    url, settings.SHOP_URL = settings.SHOP_URL, ""
    order = make_order(ann)
    automatic_returns.return_expired(now=timezone.now())
    settings.SHOP_URL = url

    [answer] = receive(acknowledged(order.shop_id))

    assert answer.state == "refused"
    assert "no answer is awaited" in answer.problem


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"amount": "2.50", "currency": "EUR"}, "order_id is missing"),
        ({"order_id": "N-1", "currency": "EUR"}, "amount is missing"),
        ({"order_id": "N-1", "amount": "-1", "currency": "EUR"}, "amount “-1” is not an amount"),
        ({"order_id": "N-1", "amount": "1", "currency": "euro"}, "currency “euro” is neither"),
        ({"order_id": "N-1", "amount": "1"}, "currency is missing"),
    ],
)
def test_an_answer_that_cant_be_read_is_refused(order, data, reason):
    [answer] = receive(message("ack", "credit.acknowledged", 5, **data))

    assert answer.state == "refused"
    assert reason in answer.problem


def test_the_database_compares_the_amounts(order):
    receive(acknowledged(order.shop_id, "2.00"))

    for changes in ({"state": "acknowledged"}, {"state": "pending"}, {"amount": "2.00"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Acknowledgement.objects.update(**changes)
