"""Simultaneous transfers of the same people."""

from decimal import Decimal

from django.db import connection
from django.utils import timezone

from accounts import ledger
from accounts.models import CreditAccount, CreditTransfer
from tests.concurrency.racing import errors, race
from tests.makers import top_up

TOGETHER = 12


def buying(customer, number):
    movement = ledger.Movement(
        customer_id=customer.pk,
        amount=Decimal("2.50"),
        currency="EUR",
        kind=CreditTransfer.Kind.PURCHASE,
        key=f"order:{number}:purchase",
        made_at=timezone.now(),
    )
    return lambda: ledger.move(movement)


def balance(customer):
    return CreditAccount.objects.get(owner=customer).balance


def test_purchases_at_once_spend_what_is_there_and_no_more(ann):
    top_up(ann, "5.00")

    outcomes = race(*(buying(ann, number) for number in range(TOGETHER)))

    assert {type(error) for error in errors(outcomes)} == {ledger.CreditTooLow}
    assert CreditTransfer.objects.filter(kind="purchase").count() == 2
    assert balance(ann) == 0


def test_without_the_constraint_they_spend_what_is_not_there(ann):
    top_up(ann, "5.00")
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE accounts_creditaccount DROP CONSTRAINT balance_is_never_below_zero"
        )

    race(*(buying(ann, number) for number in range(TOGETHER)))

    assert balance(ann) == Decimal("5.00") - TOGETHER * Decimal("2.50")


def move_both(customers, label):
    """Return one statement that credits these people in this order, a hundred times."""

    def move():
        for turn in range(100):
            ledger.move_all(
                [
                    ledger.Movement(
                        customer_id=customer.pk,
                        amount=Decimal(1),
                        currency="EUR",
                        kind=CreditTransfer.Kind.TOP_UP,
                        key=f"{label}:{turn}:{customer.pk}",
                        made_at=timezone.now(),
                    )
                    for customer in customers
                ]
            )

    return move


def test_statements_that_credit_the_same_people_never_deadlock(ann, bob):
    top_up(ann, "1.00")
    top_up(bob, "1.00")

    outcomes = race(
        move_both([ann, bob], "a"), move_both([bob, ann], "b"), move_both([ann, bob], "c")
    )

    assert errors(outcomes) == []
    assert (balance(ann), balance(bob)) == (301, 301)
