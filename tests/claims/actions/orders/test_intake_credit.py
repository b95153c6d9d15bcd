"""The effect of reports on credit: purchases take it, cancellations give it back."""

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import CreditAccount
from claims.actions.orders import single_returns
from claims.actions.orders.automatic_returns import return_expired
from claims.models import Claim, Event, Order
from claims.queries.orders.due_returns import CANCELLATION_RESTS
from tests.claims.actions.orders.received import balance, order, receive
from tests.claims.actions.orders.reports import NOW, bought, minutes, topped_up
from tests.makers import make_claim

pytestmark = pytest.mark.django_db


LATER = NOW + CANCELLATION_RESTS
TOMORROW = NOW + timedelta(days=1)
"""The end of an allotted time that isn't over at `LATER`."""


def cancelled(at=5, **fields: Any):
    told: dict[str, Any] = {"activation": "cancelled", "updated_at": minutes(at)}
    return bought(**{"allotted_until": TOMORROW} | told | fields)


def account(currency="EUR"):
    return CreditAccount.objects.get(owner__email="ann@example.com", currency=currency)


def test_a_purchase_that_is_not_covered_is_there_and_its_shortfall_is_uncovered():
    answer = receive(topped_up(amount="20.00"), bought(price=Decimal("25.00")), bought("N-2"))

    assert (answer.created, answer.refused) == (3, [])
    assert (account().balance, account().uncovered) == (0, Decimal("7.50"))
    assert make_claim(order(), now=minutes(60)).is_open


def test_a_purchase_without_any_credit_creates_its_customer():
    answer = receive(bought())

    assert (answer.created, answer.customers) == (1, 1)
    assert (account().balance, account().uncovered) == (0, Decimal("2.50"))


@pytest.mark.parametrize("turn", range(6))
def test_whatever_the_order_of_arrival_the_sum_is_the_same(turn):
    reports = [
        topped_up(amount="5"),
        bought("N-A", price=Decimal(5)),
        bought("N-B", price=Decimal(5)),
    ]

    for report in [*itertools.permutations(reports)][turn]:
        receive(report)

    assert Order.objects.count() == 3
    assert (account().balance, account().uncovered) == (0, 5)


def test_credit_of_another_currency_covers_nothing():
    receive(topped_up(currency="USD"), bought(currency="EUR"))

    assert (account("USD").balance, account("EUR").uncovered) == (20, Decimal("2.50"))


def test_a_purchase_that_costs_nothing_has_a_charge_and_no_transfer():
    receive(bought(price=Decimal("0.00")))

    assert order().charge.amount == 0
    assert not order().charge.transfers.exists()


def test_an_order_that_cost_nothing_counts_as_returned_when_its_time_is_over():
    receive(bought(price=Decimal("0.00")))

    assert return_expired(now=NOW) == 1

    assert (order().returned_at, order().return_transfer) == (NOW, None)
    assert order().events.get().data == {"amount": "0.00", "currency": "EUR"}
    assert return_expired(now=NOW) == 0


@pytest.mark.parametrize("activation", ["cancelled", "timed_out"])
def test_a_cancellation_without_an_sms_returns_the_price_a_minute_after_it_arrived(activation):
    receive(topped_up(), bought(), cancelled(activation=activation))

    assert return_expired(now=LATER - timedelta(microseconds=1)) == 0
    assert return_expired(now=LATER) == 1
    it = order()
    assert balance() == 20
    assert (it.activation, it.returned_at) == (activation, LATER)
    assert it.return_transfer.key == f"charge:{it.charge_id}:return"
    assert it.events.get().kind == Event.Kind.RETURNED


def test_an_older_sms_that_comes_within_the_minute_keeps_the_price():
    receive(topped_up(), bought(), cancelled(at=5))

    receive(bought(activation="sms_received", sms_received_at=minutes(3), updated_at=minutes(4)))

    assert return_expired(now=LATER) == 0
    assert (order().sms_received_at, order().returned_at) == (minutes(3), None)


def test_a_cancellation_told_again_rests_no_longer():
    receive(topped_up(), bought(), cancelled())

    receive(cancelled(at=6), now=NOW + timedelta(seconds=30))

    assert return_expired(now=LATER) == 1


def test_a_cancellation_of_a_known_order_updates_it():
    receive(topped_up(), bought())

    answer = receive(cancelled())

    assert (answer.updated, order().cancelled_at) == (1, minutes(5))


def test_a_price_goes_back_even_when_a_newer_report_waits_again():
    receive(topped_up(), cancelled(), bought(updated_at=minutes(6), allotted_until=TOMORROW))

    assert return_expired(now=LATER) == 1
    assert (order().activation, balance()) == ("cancelled", 20)


@pytest.mark.parametrize(
    "use",
    [
        {"activation": "sms_received", "sms_received_at": minutes(3)},
        {"activation": "completed", "completed_at": minutes(3)},
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_nothing_goes_back_when_the_number_was_used_before_the_cancellation(use, turned):
    used = bought(updated_at=minutes(4), **use)

    receive(topped_up(), *([cancelled(), used] if turned else [used, cancelled()]))

    assert return_expired(now=LATER) == 0
    assert (order().activation, order().returned_at) == ("cancelled", None)
    assert balance() == Decimal("17.50")


def test_nothing_goes_back_when_the_cancellation_itself_tells_of_an_sms():
    receive(topped_up(), cancelled(sms_received_at=minutes(5)))

    assert return_expired(now=LATER) == 0
    assert order().returned_at is None


def test_what_is_only_past_its_time_is_left_to_the_sweep():
    receive(topped_up(), bought())

    assert order().returned_at is None
    assert return_expired(now=NOW) == 1
    assert balance() == 20


def test_the_same_reports_after_the_sweep_change_nothing():
    receive(topped_up(), bought())
    return_expired(now=NOW)

    answer = receive(topped_up(), bought(), bought())

    assert (answer.updated, answer.unchanged) == (0, 2)
    assert order().activation == "cancelled"


def test_an_sms_after_the_return_is_flagged_once_and_debits_nothing():
    receive(topped_up(), cancelled())
    return_expired(now=LATER)
    late = bought(activation="sms_received", sms_received_at=minutes(7), updated_at=minutes(8))

    receive(late, now=LATER)
    receive(late, now=LATER)

    it = order()
    assert (it.late_sms_at, it.sms_received_at) == (minutes(7), minutes(7))
    assert [event.kind for event in it.events.all()] == ["returned", "late_sms"]
    assert it.events.last().data == {"received_at": "2026-04-01T12:07:00+00:00"}
    assert balance() == 20


@pytest.mark.parametrize("turned", [False, True])
def test_an_sms_after_the_cancellation_is_late_in_whatever_order_they_come(turned):
    reports = [
        cancelled(),
        bought(activation="sms_received", sms_received_at=minutes(7), updated_at=minutes(8)),
    ]

    receive(topped_up(), *(reversed(reports) if turned else reports))

    assert return_expired(now=LATER) == 1
    it = order()
    assert (it.activation, it.late_sms_at, it.returned_at) == ("sms_received", minutes(7), LATER)
    assert balance() == 20


def test_a_return_after_a_cancellation_closes_the_open_claim(mailoutbox, run_jobs):
    receive(topped_up(), bought())
    claim = make_claim(order(), now=minutes(60))

    receive(cancelled())
    return_expired(now=LATER)

    claim.refresh_from_db()
    assert (claim.status, claim.closed_at) == (Claim.Status.REFUNDED, LATER)
    assert run_jobs() == ["claims.tell_customer", "claims.tell_customer"]
    assert "came back by itself" in mailoutbox[-1].subject


def test_an_sms_on_a_price_that_a_person_returned_is_not_called_late(ann):
    receive(topped_up(), bought())
    it = order()
    single_returns.return_price(it, now=NOW)

    receive(bought(activation="sms_received", sms_received_at=minutes(7), updated_at=minutes(8)))

    assert (order().sms_received_at, order().late_sms_at) == (minutes(7), None)
