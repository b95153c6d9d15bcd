from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import CreditTransfer, User
from claims.actions.orders.intake import rehearse_orders
from claims.models import Event, Order
from tests.claims.actions.orders.received import balance, order, reasons, receive
from tests.claims.actions.orders.reports import NOON, NOW, bought, minutes, topped_up

pytestmark = pytest.mark.django_db


def keys():
    return sorted(
        (key.partition(":")[2].partition(":")[2], amount)
        for key, amount in CreditTransfer.objects.values_list("key", "amount")
    )


def test_an_order_arrives_with_its_number_its_customer_and_its_deadline():
    answer = receive(topped_up(), bought(two_factor=True))

    it = order()
    assert (answer.created, answer.customers, answer.refused) == (2, 1, [])
    assert (it.customer.email, it.customer.display_name) == ("ann@example.com", "Ann")
    assert (it.number.phone, it.number.service_id) == ("+4915112345678", "telegram")
    assert it.number.two_factor
    assert it.policy_version.name == "2026-04-01"
    assert it.claims_close_at.isoformat() == "2026-04-07T00:00:00+00:00"
    assert it.reported_at == NOON


def test_a_top_up_gives_credit_and_a_number_takes_it():
    receive(topped_up(amount="20.00"), bought())

    assert balance() == Decimal("17.50")
    assert order("T-1").charge.transfers.get().kind == "top_up"
    paid = order().charge.transfers.get()
    assert paid.key == f"charge:{order().charge_id}:purchase"
    assert paid.made_at == NOON


def test_the_same_reports_again_change_nothing():
    reports = [topped_up(), bought(), bought(activation="cancelled", updated_at=minutes(5))]
    receive(*reports)
    before = list(Order.objects.order_by("pk").values()), keys(), Event.objects.count()

    answer = receive(*reports, now=timezone.now())

    assert (answer.created, answer.updated, answer.unchanged) == (0, 0, 2)
    assert (list(Order.objects.order_by("pk").values()), keys(), Event.objects.count()) == before


def test_a_known_customer_is_found_whatever_the_case_and_keeps_the_name(ann):
    User.objects.filter(pk=ann.pk).update(email="Ann@Example.com", display_name="Anna")

    answer = receive(topped_up())

    assert answer.customers == 0
    assert order("T-1").customer == ann
    assert User.objects.get().display_name == "Anna"


def test_a_customer_gets_the_name_of_the_newest_report_that_has_one():
    receive(
        topped_up(customer_name="Old"),
        bought(customer_name="New", updated_at=minutes(3)),
        bought(customer_name="", updated_at=minutes(4)),
    )

    assert User.objects.get().display_name == "New"


def test_the_newest_report_tells_the_state_wherever_it_stands():
    newest = bought(
        activation="banned", supplier="south", allotted_until=minutes(40), updated_at=minutes(9)
    )
    receive(topped_up(), newest, bought(), bought(updated_at=minutes(5)))

    it = order()
    assert (it.activation, it.number.supplier) == ("banned", "south")
    assert (it.allotted_until, it.reported_at) == (minutes(40), minutes(9))


def test_an_older_report_that_comes_later_changes_no_state():
    receive(topped_up(), bought(activation="banned", supplier="south", updated_at=minutes(9)))

    answer = receive(bought())

    assert answer.unchanged == 1
    assert (order().activation, order().number.supplier) == ("banned", "south")


def test_of_two_reports_of_one_instant_the_one_further_along_counts():
    waiting = bought(updated_at=minutes(9))
    done = bought(
        activation="completed",
        sms_received_at=minutes(8),
        completed_at=minutes(9),
        updated_at=minutes(9),
    )
    receive(topped_up(), done)

    receive(waiting)

    assert order().activation == "completed"


def test_the_earliest_sms_and_completion_ever_reported_are_kept():
    def told(sms, done, at):
        return bought(
            activation="completed",
            sms_received_at=minutes(sms),
            completed_at=minutes(done),
            updated_at=minutes(at),
        )

    receive(topped_up(), told(3, 6, 10))

    receive(told(2, 7, 11), told(5, 5, 12))

    assert (order().sms_received_at, order().completed_at) == (minutes(2), minutes(5))


def test_two_factor_stays_true_once_anyone_says_so():
    receive(topped_up(), bought(two_factor=True))

    receive(bought(two_factor=False, updated_at=minutes(5)))

    assert order().number.two_factor


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"price": Decimal("3.00")}, "price can't change: 3.00 here, 2.50 before"),
        ({"currency": "USD"}, "currency can't change: USD here, EUR before"),
        ({"channel": "api"}, "channel can't change: api here, web before"),
        ({"service": "whatsapp"}, "service can't change: whatsapp here, telegram before"),
        ({"country": "NL"}, "country can't change: NL here, DE before"),
        ({"phone": "+31612345678"}, "+31612345678 here, +4915112345678 before"),
        ({"customer_email": "bob@example.com"}, "bob@example.com here, ann@example.com before"),
        ({"purchased_at": minutes(1)}, "2026-04-01T12:01:00+00:00 here, 2026-04-01T12:00"),
    ],
)
def test_a_report_that_contradicts_what_was_bought_is_refused(changes, told):
    receive(topped_up(), bought())
    stray = bought(line=77, updated_at=minutes(5), activation="banned", **changes)

    answer = receive(stray)

    assert [line for line, _ in answer.refused] == [77]
    assert told in reasons(answer)[0]
    assert order().activation == "waiting"


def test_every_contradiction_of_a_report_is_told():
    receive(topped_up(), bought())

    answer = receive(bought(price=Decimal(1), country="NL"))

    assert reasons(answer) == [
        "price can't change: 1 here, 2.50 before; country can't change: NL here, DE before"
    ]


def test_a_top_up_does_not_become_a_number():
    receive(topped_up())

    answer = receive(bought("T-1", price=Decimal("20.00"), purchased_at=minutes(-30)))

    assert "product can't change: number here, top_up before" in reasons(answer)[0]
    assert balance() == 20


@pytest.mark.parametrize("turned", [False, True])
def test_among_new_reports_the_oldest_says_what_was_bought(turned):
    reports = [topped_up(), bought(), bought(line=5, price=Decimal(3), updated_at=minutes(5))]

    answer = receive(*(reversed(reports) if turned else reports))

    assert [line for line, _ in answer.refused] == [5]
    assert order().price == Decimal("2.50")


def test_a_rehearsal_answers_the_same_and_changes_nothing(ann):
    receive(topped_up())
    reports = [
        bought("N-1"),
        bought("N-2", price=Decimal(100)),
        topped_up("T-2", customer_email="bob@example.com"),
        bought("N-1", activation="cancelled", updated_at=minutes(5)),
    ]

    rehearsed = rehearse_orders(batches=[reports], now=NOW)

    assert Order.objects.count() == 1
    assert list(User.objects.values_list("email", flat=True)) == ["ann@example.com"]
    assert balance() == 20
    assert not Event.objects.exists()
    assert rehearsed == [receive(*reports)]


def test_a_later_batch_of_a_rehearsal_sees_what_the_earlier_would_have_done():
    first, second = rehearse_orders(batches=[[topped_up()], [bought()]], now=NOW)

    assert (first.customers, second.customers) == (1, 0)
    assert (second.created, second.refused) == (1, [])
    assert not Order.objects.exists()
