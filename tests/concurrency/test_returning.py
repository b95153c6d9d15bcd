"""The sweep, the customer's button and a late SMS, at the same moment."""

import itertools
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import CreditAccount, CreditTransfer
from claims.actions.core import locks
from claims.actions.orders import automatic_returns, intake, return_movements
from claims.actions.orders.late_sms import report_sms
from claims.actions.orders.merge import report_of
from claims.models import Event, Order
from tests.concurrency.racing import errors, race
from tests.makers import make_order


def sweeping(limit=500):
    return lambda: automatic_returns.return_expired(now=timezone.now(), limit=limit)


def pressing(order):
    return lambda: automatic_returns.cancel_and_return(
        order_id=order.pk, by=order.customer, now=timezone.now()
    )


def late_sms(order):
    return lambda: report_sms(order_id=order.pk, received_at=timezone.now(), now=timezone.now())


def imported_sms(order):
    """Import the same SMS as a row of a file."""
    now = timezone.now()
    report = report_of(order)._replace(
        activation="sms_received", sms_received_at=now, updated_at=now
    )
    return lambda: intake.receive_orders(reports=[report], now=now)


def expired(customer):
    return make_order(customer, activation="waiting")


@pytest.mark.parametrize("attempt", range(5))
def test_sweep_button_and_late_sms_pay_once_or_not_at_all(attempt, ann):
    orders = [expired(ann) for _ in range(4)]
    contenders = [sweeping(), sweeping()]
    for order in orders:
        contenders += [pressing(order), pressing(order), late_sms(order), imported_sms(order)]

    refused = errors(race(*contenders))
    automatic_returns.return_expired(now=timezone.now())
    # A press of the button after the SMS is refused; no other error may occur.
    assert {type(error) for error in refused} <= {ValidationError}

    for order in Order.objects.all():
        returns = CreditTransfer.objects.filter(key=f"charge:{order.charge_id}:return")
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
    while automatic_returns.return_expired(now=timezone.now(), limit=7):
        pass

    assert errors(outcomes) == []
    assert CreditTransfer.objects.filter(kind="return").count() == 60
    assert not Order.objects.filter(returned_at__isnull=True).exists()
    assert [account.balance for account in CreditAccount.objects.filter(kind="customer")] == [
        Decimal("75.00")
    ] * 2


@pytest.fixture
def without_locks(real_commits, monkeypatch):
    """Let neither the button nor the sweep nor a report lock an order."""

    def read(order_id):
        return Order.objects.select_related("number", "customer").get(pk=order_id)

    monkeypatch.setattr(locks, "lock_order", read)
    monkeypatch.setattr("claims.actions.orders.late_sms.lock_order", read)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **options: self)


@pytest.fixture
def without_key(without_locks, monkeypatch):
    """Also give each payment a key of its own, and have the order forget its return."""
    serial = itertools.count()
    return_of = return_movements.return_movement

    def unique(order, *, now):
        made = return_of(order, now=now)
        return replace(made, key=f"{made.key}:{next(serial)}")

    monkeypatch.setattr(automatic_returns, "return_movement", unique)
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX a_charge_goes_back_once")
        cursor.execute("ALTER TABLE claims_order DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE claims_order DROP CONSTRAINT returned_price_has_its_transfer")


def test_the_key_alone_returns_a_price_once(without_locks, ann):
    order = expired(ann)

    race(*[pressing(order), sweeping()] * 6)

    assert CreditAccount.objects.get(owner=ann).balance == Decimal("2.50")


@pytest.mark.parametrize("way", ["button", "sweep"])
def test_without_lock_and_key_a_price_returns_many_times(way, without_key, ann):
    order = expired(ann)

    race(*[pressing(order) if way == "button" else sweeping()] * 12)

    assert CreditAccount.objects.get(owner=ann).balance > Decimal("2.50")


@pytest.fixture
def sms_during_the_sweep(real_commits, monkeypatch):
    """Report an SMS after the sweep has chosen its orders and before it returns a price."""
    return_prices = automatic_returns.cancel_orders

    def impatient(order):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return late_sms(order)()

    def after_an_sms(orders, **words):
        race(*(partial(impatient, order) for order in orders))
        return_prices(orders, **words)

    monkeypatch.setattr(automatic_returns, "cancel_orders", after_an_sms)


def test_an_sms_during_the_sweep_waits_for_it_and_is_flagged(sms_during_the_sweep, ann):
    order = expired(ann)

    automatic_returns.return_expired(now=timezone.now())
    late_sms(order)()

    order.refresh_from_db()
    assert order.returned_at is not None
    assert order.late_sms_at is not None


def test_without_its_lock_the_sweep_overlooks_an_sms(sms_during_the_sweep, without_locks, ann):
    order = expired(ann)

    automatic_returns.return_expired(now=timezone.now())

    order.refresh_from_db()
    assert order.returned_at is not None
    assert order.sms_received_at is not None
    assert order.late_sms_at is None


def test_a_price_is_not_returned_before_its_time(ann):
    order = make_order(ann, activation="waiting", allotted=timedelta(hours=3))

    race(sweeping(), pressing(order), pressing(order))

    order.refresh_from_db()
    assert order.returned_at is None
    assert order.activation == "waiting"
    assert CreditAccount.objects.get(owner=ann).balance == 0
