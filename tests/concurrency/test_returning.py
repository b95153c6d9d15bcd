"""The sweep, the customer's button and a late SMS, at the same moment."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import CreditAccount, CreditTransfer
from claims.actions import ordering, returning
from claims.models import Event, Order
from tests.concurrency.racing import errors, race
from tests.makers import make_order


def sweeping(limit=500):
    return lambda: returning.return_expired(now=timezone.now(), limit=limit)


def pressing(order):
    return lambda: returning.cancel_and_return(
        order_id=order.pk, by=order.customer, now=timezone.now()
    )


def late_sms(order):
    return lambda: ordering.report_sms(
        order_id=order.pk, received_at=timezone.now(), now=timezone.now()
    )


def expired(customer):
    return make_order(customer, activation="waiting")


@pytest.mark.parametrize("attempt", range(5))
def test_sweep_button_and_late_sms_pay_once_or_not_at_all(attempt, ann):
    orders = [expired(ann) for _ in range(4)]
    contenders = [sweeping(), sweeping()]
    for order in orders:
        contenders += [pressing(order), pressing(order), late_sms(order)]

    race(*contenders)
    returning.return_expired(now=timezone.now())

    for order in Order.objects.all():
        returns = CreditTransfer.objects.filter(key=f"order:{order.pk}:return")
        assert order.sms_received_at is not None
        assert returns.count() == (1 if order.returned_at else 0)
        # Either the SMS was first and the price stays, or it came late and is flagged.
        assert bool(order.returned_at) == bool(order.late_sms_at)
    returned = Order.objects.filter(returned_at__isnull=False).count()
    assert CreditAccount.objects.get(owner=ann).balance == Decimal("2.50") * returned
    assert Event.objects.filter(kind=Event.Kind.RETURNED).count() == returned
    assert Event.objects.filter(kind=Event.Kind.LATE_SMS).count() == returned


def test_sweeps_side_by_side_return_everything_once_without_a_deadlock(ann, bob):
    customers = itertools.cycle([ann, bob])
    for _ in range(60):
        expired(next(customers))

    outcomes = race(*[sweeping(limit=7) for _ in range(12)])
    while returning.return_expired(now=timezone.now(), limit=7):
        pass

    assert errors(outcomes) == []
    assert CreditTransfer.objects.filter(kind="return").count() == 60
    assert not Order.objects.filter(returned_at__isnull=True).exists()
    assert [account.balance for account in CreditAccount.objects.filter(kind="customer")] == [
        Decimal("75.00")
    ] * 2


@pytest.fixture
def without_guards(real_commits, monkeypatch):
    """No row is locked, and each payment has a key of its own."""
    serial = itertools.count()
    return_of = returning.return_of

    def unique(order, *, now):
        made = return_of(order, now=now)
        return type(made)(**{**vars(made), "key": f"{made.key}:{next(serial)}"})

    monkeypatch.setattr(returning, "return_of", unique)
    monkeypatch.setattr(
        returning, "lock_order", lambda order_id: Order.objects.select_related().get(pk=order_id)
    )
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE claims_order DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE claims_order DROP CONSTRAINT returned_price_has_its_transfer")


def test_without_the_guards_the_button_pays_many_times(without_guards, ann):
    order = expired(ann)

    race(*[pressing(order)] * 12)

    assert CreditAccount.objects.get(owner=ann).balance > Decimal("2.50")


def test_a_price_is_not_returned_before_its_time(ann):
    order = make_order(ann, activation="waiting", allotted=timedelta(hours=3))

    race(sweeping(), pressing(order), pressing(order))

    order.refresh_from_db()
    assert order.returned_at is None
    assert order.activation == "waiting"
    assert CreditAccount.objects.get(owner=ann).balance == 0
