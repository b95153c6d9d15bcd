"""The writes about replacements that the database itself refuses."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from claims.models import Number, Order, Replacement
from tests.claims.actions.review.replacement_requests import (
    NOW,
    make_defect,
    provided,
    request,
    tell,
)
from tests.makers import make_order


@pytest.fixture
def asked(ann, sue) -> Replacement:
    return request(make_defect(ann), sue)


@pytest.fixture
def replaced(asked) -> Order:
    """Return an order that is marked as replaced."""
    order: Order = asked.claim.order
    Order.objects.filter(pk=order.pk).update(replaced_at=NOW)
    order.refresh_from_db()
    return order


def insert(order, **changes):
    number = Number.objects.create(
        phone=changes.pop("phone", "+4915188888888"),
        service_id=changes.pop("service", "whatsapp"),
        service_sent=changes.pop("service_sent", ""),
        country=changes.pop("country", "DE"),
        country_sent=changes.pop("country_sent", ""),
    )
    fields = {
        "shop_id": "R-1",
        "customer": order.customer,
        "charge": order.charge,
        "product": "number",
        "number": number,
        "channel": "web",
        "price": Decimal(0),
        "currency": "EUR",
        "purchased_at": NOW,
        "allotted_until": NOW + timedelta(minutes=20),
        "activation": "waiting",
        "reported_at": NOW,
        "replaces": order,
        "origin": order,
        "value": Decimal("3.00"),
        "list_price": Decimal("3.20"),
    } | changes
    with transaction.atomic():
        Order(**fields).save()


def test_an_equivalent_one_is_taken(replaced):
    insert(replaced)

    assert Order.objects.get(shop_id="R-1").replaces == replaced


@pytest.mark.parametrize(
    "changes",
    [
        {"service": "telegram"},
        {"service": None, "service_sent": "whatsapp"},
        {"country": "FR"},
        {"country": "", "country_sent": "DE"},
        {"currency": "USD"},
        {"value": Decimal("2.99")},
        {"value": Decimal("3.01")},
        {"list_price": Decimal("2.99")},
        {"list_price": None},
        {"value": None},
        {"origin": None},
        {"price": Decimal("3.00")},
        {"replaces": None},
    ],
)
def test_one_that_is_not_equivalent_is_refused(replaced, changes):
    with pytest.raises(DatabaseError):
        insert(replaced, **changes)


def test_nor_one_of_somebody_else_or_of_another_origin(replaced, bob):
    with pytest.raises(DatabaseError, match="same customer"):
        insert(replaced, customer=bob)
    with pytest.raises(DatabaseError, match="same customer"):
        insert(replaced, origin=make_order(replaced.customer))


def test_an_order_that_is_not_replaced_has_no_replacement(asked):
    with pytest.raises(DatabaseError, match="same customer"):
        insert(asked.claim.order)


def test_an_order_is_replaced_once(replaced):
    insert(replaced)

    with pytest.raises(DatabaseError, match="replaces_id"):
        insert(replaced, shop_id="R-2", phone="+4915188888889")


def test_what_was_replaced_stays_so_and_is_never_returned(replaced):
    for changes in ({"replaced_at": None}, {"replaced_at": NOW + timedelta(days=1)}):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Order.objects.filter(pk=replaced.pk).update(**changes)
    with pytest.raises(DatabaseError, match="order_has_one_remedy"), transaction.atomic():
        Order.objects.filter(pk=replaced.pk).update(returned_at=NOW)


@pytest.mark.parametrize("changes", [{"value": 9}, {"list_price": 9}, {"price": 9}])
def test_what_it_is_worth_never_changes(asked, changes):
    tell(provided(asked))

    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Order.objects.filter(replaces__isnull=False).update(**changes)


def test_a_request_is_settled_once(asked):
    tell(provided(asked))

    for changes in ({"state": "refused", "order": None}, {"state": "requested"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Replacement.objects.update(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "provided"},
        {"state": "refused"},
        {"state": "gone", "settled_at": NOW},
        {"settled_at": NOW},
        {"answer_by": NOW},
    ],
)
def test_a_request_that_cannot_be_is_refused(asked, changes):
    with pytest.raises(DatabaseError), transaction.atomic():
        Replacement.objects.update(**changes)


def test_a_claim_has_one_open_request(asked):
    with pytest.raises(DatabaseError, match=r"one_requested_replacement_per_claim|offer_id"):
        Replacement.objects.create(
            claim=asked.claim, offer=asked.offer, made_at=NOW, answer_by=NOW + timedelta(days=1)
        )
