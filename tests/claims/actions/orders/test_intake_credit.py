"""The effect of reports on credit: purchases take it, cancellations give it back."""

from decimal import Decimal

import pytest

from accounts.models import CreditAccount, CreditTransfer, User
from claims.actions.orders.automatic_returns import return_expired
from claims.models import Claim, Event, Number, Order
from tests.claims.actions.orders.received import balance, order, reasons, receive
from tests.claims.actions.orders.reports import NOW, bought, minutes, topped_up
from tests.makers import make_claim

pytestmark = pytest.mark.django_db


def test_a_purchase_that_is_not_covered_is_left_out_whole_and_the_others_go_on():
    big = bought("N-1", line=9, price=Decimal("25.00"))
    again = bought("N-1", line=10, price=Decimal("25.00"), updated_at=minutes(1))

    answer = receive(topped_up(amount="20.00"), big, again, bought("N-2"))

    why = (
        "the credit balance of ann@example.com would fall below zero: price 25.00 EUR,"
        " 20.00 EUR left; import the top-up first"
    )
    assert answer.refused == [(9, why), (10, why)]
    assert not Order.objects.filter(shop_id="N-1").exists()
    assert Number.objects.count() == 1
    assert balance() == Decimal("17.50")


def test_a_customer_none_of_whose_orders_is_taken_is_not_created():
    answer = receive(bought())

    assert len(answer.refused) == 1
    assert answer.customers == 0
    assert not User.objects.exists()


def test_purchases_are_covered_as_they_were_made():
    later = bought("N-A", purchased_at=minutes(2), price=Decimal(6))
    earlier = bought("N-B", purchased_at=minutes(1), price=Decimal(6))

    receive(later, earlier, topped_up(amount="10"))

    assert set(Order.objects.values_list("shop_id", flat=True)) == {"T-1", "N-B"}


def test_a_top_up_made_after_the_purchase_covers_it():
    receive(bought(), topped_up(purchased_at=minutes(60), amount="2.50"))

    assert balance() == 0


def test_a_price_that_goes_back_covers_the_next_purchase():
    back = bought("N-1", activation="cancelled", updated_at=minutes(5), price=Decimal(10))

    answer = receive(
        topped_up(amount="10"), back, bought("N-2", purchased_at=minutes(6), price=Decimal(10))
    )

    assert answer.refused == []
    assert balance() == 0


def test_a_purchase_once_refused_is_refused_again_although_a_later_one_went_back():
    reports = [
        topped_up(amount="5"),
        bought("N-1", price=Decimal(6), purchased_at=minutes(1)),
        bought("N-2", price=Decimal(5), purchased_at=minutes(2)),
        bought(
            "N-2",
            price=Decimal(5),
            purchased_at=minutes(2),
            activation="timed_out",
            updated_at=minutes(30),
        ),
    ]
    first = receive(*reports)

    second = receive(*reports)

    assert reasons(first) == reasons(second)
    assert (second.created, second.updated, balance()) == (0, 0, 5)


def test_credit_of_another_currency_covers_nothing():
    answer = receive(topped_up(currency="USD"), bought(currency="EUR"))

    assert "0.00 EUR left" in reasons(answer)[0]
    assert balance(currency="USD") == 20


@pytest.mark.parametrize("activation", ["cancelled", "timed_out"])
def test_a_cancellation_without_an_sms_returns_the_price_at_once(activation):
    receive(topped_up(), bought(), bought(activation=activation, updated_at=minutes(5)))

    it = order()
    assert balance() == 20
    assert (it.activation, it.returned_at) == (activation, NOW)
    assert it.return_transfer.key == f"order:{it.pk}:return"
    assert it.events.get().kind == Event.Kind.RETURNED


def test_a_cancellation_of_a_known_order_returns_its_price():
    receive(topped_up(), bought())

    answer = receive(bought(activation="cancelled", updated_at=minutes(5)))

    assert (answer.updated, balance()) == (1, 20)


def test_a_price_goes_back_even_when_a_newer_report_waits_again():
    receive(
        topped_up(),
        bought(activation="cancelled", updated_at=minutes(5)),
        bought(updated_at=minutes(6)),
    )

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
    cancelled = bought(activation="cancelled", updated_at=minutes(5))

    receive(topped_up(), *([cancelled, used] if turned else [used, cancelled]))

    assert (order().activation, order().returned_at) == ("cancelled", None)
    assert balance() == Decimal("17.50")


def test_nothing_goes_back_when_the_cancellation_itself_tells_of_an_sms():
    receive(
        topped_up(),
        bought(activation="cancelled", sms_received_at=minutes(5), updated_at=minutes(5)),
    )

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
    receive(topped_up(), bought(activation="cancelled", updated_at=minutes(5)))
    late = bought(activation="sms_received", sms_received_at=minutes(7), updated_at=minutes(8))

    receive(late)
    receive(late)

    it = order()
    assert (it.late_sms_at, it.sms_received_at) == (minutes(7), minutes(7))
    assert [event.kind for event in it.events.all()] == ["returned", "late_sms"]
    assert it.events.last().data == {"received_at": "2026-04-01T12:07:00+00:00"}
    assert balance() == 20


@pytest.mark.parametrize("turned", [False, True])
def test_an_sms_after_the_cancellation_is_late_in_whatever_order_they_come(turned):
    reports = [
        bought(activation="cancelled", updated_at=minutes(5)),
        bought(activation="sms_received", sms_received_at=minutes(7), updated_at=minutes(8)),
    ]

    receive(topped_up(), *(reversed(reports) if turned else reports))

    it = order()
    assert (it.activation, it.late_sms_at, it.returned_at) == ("sms_received", minutes(7), NOW)
    assert balance() == 20


def test_a_return_by_import_closes_the_open_claim(mailoutbox, run_jobs):
    receive(topped_up(), bought())
    claim = make_claim(order(), now=minutes(60))

    receive(bought(activation="cancelled", updated_at=minutes(5)))

    claim.refresh_from_db()
    assert (claim.status, claim.closed_at) == (Claim.Status.REFUNDED, NOW)
    assert run_jobs() == ["claims.tell_customer", "claims.tell_customer"]
    assert "came back by itself" in mailoutbox[-1].subject


def test_an_sms_on_a_price_that_a_person_returned_is_not_called_late(ann):
    receive(topped_up(), bought())
    it = order()
    transfer = CreditTransfer.objects.create(
        debit=CreditAccount.objects.get(kind="sales"),
        credit=CreditAccount.objects.get(owner=it.customer),
        amount="2.50",
        currency="EUR",
        kind="return",
        key=f"order:{it.pk}:return",
        made_at=NOW,
    )
    Order.objects.filter(pk=it.pk).update(returned_at=NOW, return_transfer=transfer)

    receive(bought(activation="sms_received", sms_received_at=minutes(7), updated_at=minutes(8)))

    assert (order().sms_received_at, order().late_sms_at) == (minutes(7), None)
