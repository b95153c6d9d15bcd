"""An order belongs to the customer with the shop's id, whatever their address."""

from decimal import Decimal

import pytest

from accounts.models import CreditAccount, CustomerId, User
from claims.actions.orders.automatic_returns import return_expired
from tests.claims.actions.orders.received import balance, order, reasons, receive
from tests.claims.actions.orders.reports import NOW, bought, minutes, topped_up
from tests.claims.actions.orders.test_permutations import SWEPT
from tests.makers import make_customer_id

pytestmark = pytest.mark.django_db
NEW = {"customer_id": "c-1", "customer_email": "new@example.com", "updated_at": minutes(60)}


def test_a_changed_address_moves_the_orders_and_the_credit_with_the_person():
    receive(topped_up(customer_id="c-1"), bought(customer_id="c-1"))

    answer = receive(bought("N-2", purchased_at=minutes(60), **NEW))

    assert (answer.created, answer.customers, answer.refused) == (1, 0, [])
    (ann,) = User.objects.all()
    assert (ann.email, ann.orders.count()) == ("new@example.com", 3)
    assert CreditAccount.objects.get(owner=ann).balance == Decimal("15.00")


def test_a_known_order_under_an_id_and_a_new_address_moves_its_customer():
    receive(bought())

    answer = receive(bought(**NEW))

    assert answer.refused == []
    assert User.objects.get().email == "new@example.com"
    assert CustomerId.objects.get(customer_id="c-1").user == order().customer


def test_an_older_report_with_the_former_address_still_agrees():
    receive(bought(**NEW), topped_up(customer_id="c-1"))

    answer = receive(bought(activation="cancelled", updated_at=minutes(90)))

    assert (answer.updated, answer.refused, answer.unclear) == (1, [], [])


def test_a_customer_without_an_address_has_orders_credit_and_automatic_returns():
    tg = {"customer_id": "tg-5", "customer_email": ""}
    receive(topped_up(**tg), bought(activation="timed_out", **tg))

    assert return_expired(now=SWEPT) == 1

    customer = CustomerId.objects.get(customer_id="tg-5").user
    assert customer.email == ""
    assert CreditAccount.objects.get(owner=customer).balance == Decimal("20.00")


def test_a_new_order_for_an_address_that_was_another_persons_is_nobodys():
    receive(bought(customer_id="c-1"))
    receive(bought("N-2", **NEW))

    answer = receive(bought("N-3"))

    ((_, reason),) = answer.unclear
    assert reason.startswith("ann@example.com was another customer's address, too")
    assert answer.created == 0
    assert User.objects.count() == 1


def test_it_is_the_customers_once_it_comes_with_their_id():
    receive(bought(customer_id="c-1"))
    receive(bought("N-2", **NEW))
    receive(bought("N-3"))

    receive(bought("N-3", customer_id="c-2"))

    assert order("N-3").customer.email == "ann@example.com"
    assert order("N-3").customer != order("N-1").customer


def test_rows_without_an_id_go_to_who_has_the_address():
    receive(bought(customer_id="c-1"))

    receive(bought("N-2"))

    assert order("N-2").customer == order("N-1").customer


def test_reports_of_one_call_with_and_without_the_id_are_one_customers():
    answer = receive(bought(), bought("N-2", customer_id="c-1"), topped_up())

    assert (answer.customers, answer.refused) == (1, [])
    assert User.objects.count() == 1


def test_an_order_is_never_another_customers():
    receive(bought(customer_id="c-1"))

    answer = receive(bought(customer_id="c-2", customer_email="bob@example.com"))

    assert reasons(answer) == [
        "customer_id can't change: c-2 here, another customer's before"
    ]  # fmt: skip


def test_an_order_without_an_id_stays_with_its_address(ann: User):
    make_customer_id(ann, "c-1")
    receive(bought())

    answer = receive(bought(customer_email="bob@example.com"))

    assert reasons(answer) == [
        "customer_email can't change: bob@example.com here, ann@example.com before"
    ]


def test_what_the_supplier_asked_is_kept_with_the_number():
    receive(bought(supplier_order_id="S-9", supplier_cost=Decimal("1.10")))

    number = order().number
    assert (number.supplier_order_id, number.supplier_cost) == ("S-9", Decimal("1.10"))

    receive(bought(supplier="south", updated_at=minutes(5)), now=NOW)
    assert order().number.supplier_cost is None


def test_the_balance_of_a_moved_customer_stays_theirs():
    receive(topped_up(customer_id="c-1"))
    receive(bought(**NEW))

    assert balance("new@example.com") == Decimal("17.50")
