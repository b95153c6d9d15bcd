"""Orders of history: their automatic returns are told to nobody."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from claims.actions.orders.automatic_returns import cancel_and_return, return_expired
from claims.actions.orders.importer import import_orders
from claims.actions.shop.inbound_events import receive_shop_events
from claims.models import Acknowledgement, Event, Notice, Order, Webhook
from tests.claims.actions.orders.received import balance, order
from tests.claims.actions.orders.reports import NOW, NUMBER, TOP_UP, bought, minutes, topped_up
from tests.claims.actions.shop.shop_messages import created, message
from tests.makers import ANSWERS, make_claim, newest_event
from tests.reviewing import approve

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]

CANCELLED = {"activation": "cancelled", "updated_at": minutes(5)}


def take_in(*reports, is_history=False):
    return list(import_orders(reports=reports, now=NOW, is_history=is_history))


def take_in_history(*reports):
    return take_in(*reports, is_history=True)


def told():
    """Return what the shop and the customers are told, and the returns that await an answer."""
    return (
        list(Webhook.objects.values_list("type", flat=True).order_by("pk")),
        list(Notice.objects.values_list("event__kind", flat=True)),
        Acknowledgement.objects.count(),
    )


NOTHING: tuple[list[str], list[str], int] = ([], [], 0)
A_RETURN: tuple[list[str], list[str], int] = (["credit.returned"], [], 1)


def test_an_import_of_history_and_the_sweep_tell_nobody():
    take_in_history(
        topped_up(), bought("N-1"), bought("N-2", **CANCELLED), bought("N-3", activation="banned")
    )

    return_expired(now=NOW)

    assert Order.objects.filter(returned_at__isnull=False).count() == 3
    assert told() == NOTHING


def test_the_returned_credit_of_history_is_booked_and_its_event_written():
    take_in_history(topped_up(amount="20.00"), bought())
    return_expired(now=NOW)

    assert str(balance()) == "20.00"
    assert [event.kind for event in order().events.all()] == [Event.Kind.RETURNED]
    assert order().return_transfer.kind == "return"


def test_an_import_without_the_flag_and_the_sweep_tell_the_shop_of_each_return():
    take_in(topped_up(), bought("N-1"), bought("N-2", **CANCELLED))

    return_expired(now=NOW)

    assert told() == (["credit.returned"] * 2, [], 2)


@pytest.mark.parametrize("is_history", [True, False])
def test_the_customer_of_an_open_claim_hears_of_its_end_in_either_case(is_history):
    take_in(topped_up(), bought(), is_history=is_history)
    make_claim(order(), now=minutes(30))

    return_expired(now=NOW)

    assert told() == (["claim.filed", "credit.returned"], ["filed", "returned"], 1)


def test_a_claim_on_an_order_of_history_and_its_decision_are_told(sue):
    sms = {"activation": "sms_received", "sms_received_at": minutes(3), "updated_at": minutes(3)}
    take_in_history(topped_up(), bought(**sms))
    claim = make_claim(order(), now=minutes(30))

    approve(
        claim_id=claim.pk,
        by=sue,
        seen=newest_event(claim),
        answers=ANSWERS,
        note="",
        now=minutes(60),
    )

    types, kinds, awaited = told()
    assert types == ["claim.filed", "claim.decided", "credit.returned"]
    assert (kinds, awaited) == (["filed", "refunded"], 1)


def test_the_customers_own_cancellation_of_an_order_of_history_is_told():
    take_in_history(topped_up(), bought())

    cancel_and_return(order_id=order().pk, by=order().customer, now=NOW)

    assert told() == A_RETURN


def live_report():
    take_in(bought(updated_at=minutes(2)))


def same_report():
    take_in(bought())


def live_cancellation():
    receive_shop_events(
        messages=[message("gone", "activation.cancelled", 6, order_id="N-1")], now=NOW
    )


def live_update():
    receive_shop_events(
        messages=[created("new", NUMBER, kind="order.updated", after_noon=2)], now=NOW
    )


@pytest.mark.parametrize("live", [live_report, same_report, live_cancellation, live_update])
def test_after_a_live_report_or_event_the_return_is_told(live):
    take_in_history(topped_up(), bought(two_factor=True))

    live()
    return_expired(now=NOW)

    assert not order().is_history
    assert told() == A_RETURN


def test_an_order_that_first_came_live_is_not_history():
    receive_shop_events(messages=[created("t", TOP_UP), created("n", NUMBER)], now=NOW)

    take_in_history(topped_up(purchased_at=minutes(-60)), bought(two_factor=True, **CANCELLED))
    return_expired(now=NOW)

    assert not order().is_history
    assert told() == A_RETURN


def test_history_that_is_imported_twice_stays_history_and_changes_nothing():
    reports = [topped_up(), bought()]
    take_in_history(*reports)

    [again] = take_in_history(*reports)

    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert order().is_history


def test_a_live_file_over_history_updates_each_order_once():
    take_in_history(topped_up(), bought())

    [first] = take_in(topped_up(), bought())
    [second] = take_in(topped_up(), bought())

    assert (first.updated, second.updated, second.unchanged) == (2, 0, 2)


def test_a_refused_report_makes_no_order_live():
    take_in_history(topped_up(), bought())

    [answer] = take_in(bought(country="NL"))

    assert len(answer.refused) == 1
    assert order().is_history


def silence(order):
    Order.objects.filter(pk=order.pk).update(is_history=True)


def test_the_database_refuses_to_silence_an_order_later():
    take_in(topped_up(), bought())

    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        silence(order())

    return_expired(now=NOW)
    assert told() == A_RETURN


def test_without_the_trigger_a_silenced_return_is_told_to_nobody():
    take_in(topped_up(), bought())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE claims_order DISABLE TRIGGER USER")

    silence(order())
    return_expired(now=NOW)

    assert told() == NOTHING
