from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts import ledger
from accounts.models import CreditAccount, CreditTransfer
from tests.makers import top_up

Kind = CreditTransfer.Kind


def movement(user, amount, *, key="order:1:return", kind=Kind.RETURN, currency="EUR"):
    return ledger.Movement(
        customer_id=user.pk,
        amount=Decimal(amount),
        currency=currency,
        kind=kind,
        key=key,
        made_at=timezone.now(),
    )


def purchase(user, amount, *, key="order:1:purchase", **fields):
    return movement(user, amount, key=key, kind=Kind.PURCHASE, **fields)


def balance(user, currency="EUR"):
    return CreditAccount.objects.get(owner=user, currency=currency).balance


def test_a_return_goes_from_the_shops_sales_to_the_customer(ann):
    made = ledger.move(movement(ann, "2.50"))

    assert balance(ann) == Decimal("2.50")
    assert made.credit == CreditAccount.objects.get(owner=ann)
    assert (made.debit.kind, made.debit.owner) == ("sales", None)


def test_a_purchase_goes_from_the_customer_to_the_shops_sales(ann):
    top_up(ann, "10")

    made = ledger.move(purchase(ann, "2.50"))

    assert balance(ann) == Decimal("7.50")
    assert made.debit == CreditAccount.objects.get(owner=ann)
    assert made.credit.kind == "sales"


@pytest.mark.parametrize(
    ("kind", "shop_side"),
    [(Kind.TOP_UP, "payments"), (Kind.RETURN, "sales"), (Kind.GOODWILL, "goodwill")],
)
def test_what_a_customer_gets_comes_from_the_account_for_its_cause(ann, kind, shop_side):
    made = ledger.move(movement(ann, "3", kind=kind))

    assert made.debit.kind == shop_side
    assert balance(ann) == 3


def test_the_same_key_and_amount_answer_with_the_first_transfer(ann):
    first = ledger.move(movement(ann, "2.50"))

    second = ledger.move(movement(ann, "2.50"))

    assert second == first
    assert balance(ann) == Decimal("2.50")
    assert CreditTransfer.objects.count() == 1


@pytest.mark.parametrize(
    "changes", [{"amount": "2.51"}, {"currency": "USD"}, {"kind": Kind.GOODWILL}]
)
def test_the_same_key_for_something_else_is_a_conflict(ann, changes):
    ledger.move(movement(ann, "2.50"))

    with pytest.raises(ledger.LedgerConflict, match=r"order:1:return has moved 2\.50 EUR"):
        ledger.move(movement(ann, **({"amount": "2.50"} | changes)))

    assert balance(ann) == Decimal("2.50")
    assert CreditTransfer.objects.count() == 1


def test_the_same_key_for_somebody_else_is_a_conflict(ann, bob):
    ledger.move(movement(ann, "2.50"))

    with pytest.raises(ledger.LedgerConflict):
        ledger.move(movement(bob, "2.50"))

    assert CreditTransfer.objects.get().credit.owner == ann


def test_a_conflict_among_many_movements_undoes_all_of_them(ann, bob):
    ledger.move(movement(ann, "2.50"))

    with pytest.raises(ledger.LedgerConflict):
        ledger.move_all([movement(bob, "9", key="order:2:return"), movement(ann, "3")])

    assert CreditTransfer.objects.count() == 1
    assert balance(ann) == Decimal("2.50")


def test_a_balance_never_falls_below_zero_and_then_nothing_has_happened(ann, bob):
    top_up(ann, "2")

    with pytest.raises(ledger.CreditTooLow):
        ledger.move_all([movement(bob, "5", key="order:2:return"), purchase(ann, "2.01")])

    assert balance(ann) == 2
    assert set(CreditTransfer.objects.values_list("kind", flat=True)) == {"top_up"}


def test_a_balance_may_be_spent_to_the_last_cent(ann):
    top_up(ann, "2.01")

    ledger.move(purchase(ann, "2.01"))

    assert balance(ann) == 0


def test_a_top_up_covers_a_purchase_that_comes_with_it(ann):
    ledger.move_all(
        [purchase(ann, "5"), movement(ann, "6", key="order:2:top_up", kind=Kind.TOP_UP)]
    )

    assert balance(ann) == 1


def test_credit_of_another_currency_covers_nothing(ann):
    top_up(ann, "50", currency="USD")

    with pytest.raises(ledger.CreditTooLow):
        ledger.move(purchase(ann, "1"))

    assert balance(ann, "USD") == 50


def test_many_movements_of_one_customer_are_summed(ann):
    ledger.move_all([movement(ann, "0.10", key=f"order:{n}:return") for n in range(10)])

    assert balance(ann) == 1


def test_locked_balances_are_told_by_customer_and_currency(ann, bob):
    top_up(ann, "5")
    top_up(ann, "7", currency="USD")
    top_up(bob, "9")

    held = ledger.lock_balances([ann.pk])

    assert held == {(ann.pk, "EUR"): 5, (ann.pk, "USD"): 7}


def test_a_customer_without_an_account_has_no_balance_to_lock(ann):
    assert ledger.lock_balances([ann.pk]) == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE accounts_credittransfer SET amount = amount + 1",
        "DELETE FROM accounts_credittransfer",
        "TRUNCATE accounts_credittransfer CASCADE",
        "UPDATE accounts_creditaccount SET balance = 1000",
        "UPDATE accounts_creditaccount SET currency = 'USD'",
        "DELETE FROM accounts_creditaccount",
        "TRUNCATE accounts_creditaccount CASCADE",
    ],
)
def test_raw_sql_changes_no_credit(ann, statement):
    top_up(ann, "2")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

        with (
            pytest.raises(DatabaseError, match=r"Cannot (update or )?delete|never truncated|alone"),
            transaction.atomic(),
        ):
            cursor.execute(statement)

    assert balance(ann) == 2
    assert CreditTransfer.objects.get().amount == 2
