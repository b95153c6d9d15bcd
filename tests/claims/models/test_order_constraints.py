"""The writes that the database itself refuses: no test here calls `clean()`."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pgtrigger
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Charge
from claims.actions.orders.automatic_returns import return_expired
from claims.models import Number, Order, PolicyVersion
from tests.makers import make_charge, make_order

BOUGHT = datetime(2026, 4, 10, 12, tzinfo=UTC)
EARLIER = BOUGHT - timedelta(microseconds=1)
A_TOP_UP = {"product": "top_up", "number": None, "allotted_until": None, "activation": ""}


def row(customer, **changes):
    plain = {
        "shop_id": "N-1",
        "customer": customer,
        "product": "number",
        "channel": "web",
        "price": Decimal("2.50"),
        "currency": "EUR",
        "purchased_at": BOUGHT,
        "allotted_until": BOUGHT + timedelta(minutes=20),
        "activation": "waiting",
        "reported_at": BOUGHT,
        "policy_version": PolicyVersion.objects.get(),
        "claims_close_at": BOUGHT + timedelta(days=6),
    }
    if "charge" not in changes:
        kind = "top_up" if changes.get("product") == "top_up" else "purchase"
        plain["charge"] = make_charge(
            customer, "2.50", kind=Charge.Kind(kind), reference=changes.get("shop_id", "N-1")
        )
    if "number" not in changes:
        plain["number"] = Number.objects.create(
            phone="+4915112345678", service_id="telegram", country="DE"
        )
    return Order(**(plain | changes))


def insert(customer, **changes):
    with transaction.atomic():
        return Order.objects.bulk_create([row(customer, **changes)])[0]


def test_possible_rows_are_taken(ann):
    insert(ann)
    insert(ann, shop_id="T-1", **A_TOP_UP)

    assert Order.objects.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"price": Decimal("2.49")},
        {"price": Decimal(0)},
        {"currency": "USD"},
        {"shop_id": "N-2"},
        A_TOP_UP,
    ],
)
def test_an_order_is_what_its_customer_was_charged_for(ann, changes):
    charge = make_charge(ann, "2.50", reference="N-1")

    with pytest.raises(DatabaseError, match="what its customer was charged for"):
        insert(ann, charge=charge, **changes)
    with pgtrigger.ignore("claims.Order:is_what_was_charged"):
        insert(ann, charge=charge, **changes)


def test_an_order_is_of_the_person_who_was_charged(ann, bob):
    with pytest.raises(DatabaseError, match="what its customer was charged for"):
        insert(ann, charge=make_charge(bob, "2.50", reference="N-1"))


def test_a_charge_is_of_one_bought_order(ann):
    charge = insert(ann).charge

    with (
        pytest.raises(IntegrityError, match="one_bought_order_per_charge"),
        pgtrigger.ignore("claims.Order:is_what_was_charged"),
    ):
        insert(ann, shop_id="N-2", charge=charge)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"price": Decimal("-2.50")}, "order_is_paid_for_or_a_replacement"),
        ({"currency": "eur"}, "order_currency_is_a_code"),
        ({"currency": ""}, "order_currency_is_a_code"),
        ({"channel": "shop"}, "order_channel_is_known"),
        ({"product": "gift"}, "order_is_a_number_or_a_bare_top_up"),
        ({"number": None}, "order_is_a_number_or_a_bare_top_up"),
        ({"activation": ""}, "order_is_a_number_or_a_bare_top_up"),
        ({"activation": "lost"}, "order_is_a_number_or_a_bare_top_up"),
        ({"allotted_until": None}, "order_is_a_number_or_a_bare_top_up"),
        ({"product": "top_up"}, "order_is_a_number_or_a_bare_top_up"),
        ({"allotted_until": BOUGHT}, "allotted_time_ends_after_the_purchase"),
        ({"sms_received_at": EARLIER}, "sms_comes_after_the_purchase"),
        ({"completed_at": EARLIER}, "completion_comes_after_the_purchase"),
        ({"activation": "sms_received"}, "received_sms_has_a_time"),
        ({"activation": "completed"}, "completed_activation_has_a_time"),
        ({"claims_close_at": BOUGHT}, "claims_close_after_the_purchase"),
        ({"returned_at": BOUGHT}, "returned_price_has_its_transfer"),
    ],
)
def test_an_impossible_order_is_refused(ann, changes, constraint):
    with (
        pytest.raises(IntegrityError, match=constraint),
        pgtrigger.ignore("claims.Order:is_what_was_charged"),
    ):
        insert(ann, **changes)

    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"allotted_until": BOUGHT + timedelta(minutes=20)},
        {"activation": "waiting"},
        {"sms_received_at": BOUGHT},
        {"completed_at": BOUGHT},
    ],
)
def test_a_top_up_with_anything_of_a_number_is_refused(ann, changes):
    with pytest.raises(IntegrityError, match="order_is_a_number_or_a_bare_top_up"):
        insert(ann, **(A_TOP_UP | changes))


def test_a_shops_order_id_is_used_once(ann, bob):
    insert(ann)

    with (
        pytest.raises(IntegrityError, match="shop_id"),
        pgtrigger.ignore("claims.Order:is_what_was_charged"),
    ):
        insert(bob, charge=make_charge(bob, "2.50"))


def test_two_orders_never_share_a_number(ann):
    first = insert(ann)

    with pytest.raises(IntegrityError, match="number_id"):
        insert(ann, shop_id="N-2", number=first.number)


@pytest.mark.parametrize(
    "change",
    [
        "shop_id = 'other'",
        "product = 'top_up'",
        "channel = 'api'",
        "price = price + 1",
        "currency = 'USD'",
        "purchased_at = purchased_at - interval '1 second'",
        "claims_close_at = claims_close_at + interval '1 day'",
        "policy_version_id = policy_version_id + 1",
    ],
)
def test_what_was_bought_never_changes(ann, change):
    make_order(ann)

    with (
        # The trigger that holds the customer fires first; only a merge passes it.
        pytest.raises(DatabaseError, match=r"Cannot update rows|only a merge gives this"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE claims_order SET {change}")


@pytest.mark.parametrize(
    "change",
    [
        "returned_at = NULL, return_transfer_id = NULL",
        "returned_at = now() + interval '1 day'",
        "return_transfer_id = return_transfer_id - 1",
    ],
)
def test_a_return_is_never_undone(ann, change):
    order = make_order(ann)
    now = order.purchased_at + timedelta(hours=1)
    return_expired(now=now)

    with (
        pytest.raises(DatabaseError, match="Cannot update rows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE claims_order SET {change}")

    order.refresh_from_db()
    assert order.returned_at == now


def test_one_return_never_serves_two_orders(ann):
    first, second = make_order(ann), make_order(ann, sms=True)
    return_expired(now=first.purchased_at + timedelta(hours=1))
    first.refresh_from_db()

    with pytest.raises(IntegrityError, match="return_transfer"), transaction.atomic():
        Order.objects.filter(pk=second.pk).update(
            returned_at=first.returned_at, return_transfer=first.return_transfer
        )


@pytest.mark.parametrize("statement", ["DELETE FROM claims_order", "TRUNCATE claims_order CASCADE"])
def test_an_order_is_never_deleted(ann, statement):
    make_order(ann)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        with (
            pytest.raises(DatabaseError, match=r"Cannot delete rows|are never truncated"),
            transaction.atomic(),
        ):
            cursor.execute(statement)

    assert Order.objects.count() == 1
