from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import CreditAccount, CreditTransfer
from claims.actions.orders.automatic_returns import return_expired
from claims.actions.orders.late_sms import report_sms
from claims.models import Claim, Event, Order
from tests.makers import make_claim, make_order, make_top_up_order


@pytest.fixture
def now():
    return timezone.now()


def balance(user):
    return CreditAccount.objects.get(owner=user).balance


def test_what_is_past_its_time_without_an_sms_is_cancelled_and_returned(ann, now):
    order = make_order(ann, activation="waiting", price="3.40")

    assert return_expired(now=now) == 1

    order.refresh_from_db()
    assert (order.activation, order.returned_at) == ("cancelled", now)
    assert order.return_transfer.key == f"charge:{order.charge_id}:return"
    assert balance(ann) == Decimal("3.40")


def test_each_return_is_a_line_of_the_orders_story(ann, now):
    order = make_order(ann, price="3.40")

    return_expired(now=now)

    event = order.events.get()
    assert (event.kind, event.at, event.actor) == (Event.Kind.RETURNED, now, None)
    assert event.data == {"amount": "3.40", "currency": "EUR"}


def test_the_price_goes_back_at_the_very_end_of_the_allotted_time(ann):
    order = make_order(ann, activation="waiting")

    assert return_expired(now=order.allotted_until - timedelta(microseconds=1)) == 0
    assert return_expired(now=order.allotted_until) == 1


@pytest.mark.parametrize("activation", ["timed_out", "cancelled"])
def test_what_the_shop_cancelled_is_returned_before_its_time_is_over(ann, now, activation):
    order = make_order(
        ann,
        activation=activation,
        allotted=timedelta(days=2),
        cancelled_at=now - timedelta(minutes=2),
        cancellation_arrived_at=now - timedelta(seconds=60),
    )

    assert return_expired(now=now) == 1

    order.refresh_from_db()
    assert order.activation == activation


def test_a_banned_number_without_an_sms_is_returned_and_stays_banned(ann, now):
    order = make_order(ann, activation="banned")

    return_expired(now=now)

    order.refresh_from_db()
    assert (order.activation, order.returned_at) == ("banned", now)


@pytest.mark.parametrize("state", [{"sms": True}, {"completed": True}])
def test_a_number_that_was_used_is_not_returned(ann, now, state):
    order = make_order(ann, **state)

    assert return_expired(now=now) == 0

    order.refresh_from_db()
    assert (order.returned_at, balance(ann)) == (None, 0)


def test_a_top_up_is_not_returned(ann, now):
    make_top_up_order(ann, amount="20.00")

    assert return_expired(now=now + timedelta(days=30)) == 0
    assert balance(ann) == 20


def test_telegram_with_2fa_by_api_is_returned_by_itself_all_the_same(ann, now):
    make_order(ann, service="telegram", two_factor=True, channel="api", price="2.50")

    assert return_expired(now=now) == 1
    assert balance(ann) == Decimal("2.50")


def test_a_second_sweep_finds_nothing(ann, now):
    make_order(ann)
    return_expired(now=now)

    assert return_expired(now=now) == 0
    assert CreditTransfer.objects.filter(kind="return").count() == 1
    assert Event.objects.count() == 1


def test_a_sweep_takes_no_more_than_its_limit(ann, now):
    for _ in range(3):
        make_order(ann)

    assert [return_expired(now=now, limit=2) for _ in range(3)] == [2, 1, 0]
    assert balance(ann) == Decimal("7.50")


def test_orders_of_many_people_and_currencies_go_back_in_one_sweep(ann, bob, now):
    make_order(ann, price="1.00")
    make_order(ann, price="2.00", currency="USD")
    make_order(bob, price="4.00")

    assert return_expired(now=now) == 3

    balances = CreditAccount.objects.filter(kind="customer").order_by("balance")
    assert [(a.owner, a.currency, a.balance) for a in balances] == [
        (ann, "EUR", 1),
        (ann, "USD", 2),
        (bob, "EUR", 4),
    ]


def test_an_sms_that_was_reported_in_time_keeps_the_price(ann, now):
    order = make_order(ann, activation="waiting")
    report_sms(order_id=order.pk, received_at=order.purchased_at, now=now)

    assert return_expired(now=now) == 0


def test_the_open_claim_is_closed_and_its_customer_told(ann, run_jobs, mailoutbox):
    claim = make_claim(make_order(ann))
    run_jobs()
    now = timezone.now()

    return_expired(now=now)

    claim.refresh_from_db()
    assert (claim.status, claim.closed_at) == (Claim.Status.REFUNDED, now)
    assert claim.events.last().kind == Event.Kind.RETURNED
    assert run_jobs() == ["claims.tell_customer"]
    assert mailoutbox[-1].to == [ann.email]
    assert claim.code in mailoutbox[-1].subject


def test_a_rejected_claim_stays_rejected(ann, sue, now):
    claim = make_claim(make_order(ann))
    Claim.objects.filter(pk=claim.pk).update(status="rejected", closed_at=now)

    return_expired(now=now)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.REJECTED
    assert Order.objects.get().returned_at == now


def test_a_sweep_asks_the_database_as_often_for_many_orders_as_for_one(ann, now):
    def sweep():
        with connection.execute_wrapper(count):
            return_expired(now=now)

    asked = []

    def count(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    make_order(ann)
    sweep()
    for_one = len(asked)
    for _ in range(20):
        make_order(ann)
    sweep()

    assert len(asked) - for_one == for_one
