from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import ledger
from tests.makers import make_charge, make_order, make_top_up_order, top_up


def check():
    out = StringIO()
    call_command("checkledger", stdout=out, no_color=True)
    return out.getvalue()


def faults():
    err = StringIO()
    with pytest.raises(CommandError) as failed:
        call_command("checkledger", stderr=err, no_color=True)
    assert failed.value.returncode == 1
    return err.getvalue().splitlines()


def behind_the_databases_back(table, statement, *values):
    """Switch the triggers off, write, and switch them on, as a careless operator could."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@pytest.mark.django_db
def test_an_empty_ledger_adds_up():
    assert check() == "The ledger adds up.\n"


def test_a_ledger_with_every_kind_of_account_adds_up(ann, bob):
    make_top_up_order(ann)
    make_order(ann)
    make_order(bob, currency="USD")

    assert check() == "The ledger adds up.\n"


def test_a_balance_that_is_not_the_sum_of_its_transfers_is_told(ann):
    top_up(ann, "5")

    behind_the_databases_back(
        "accounts_creditaccount",
        "UPDATE accounts_creditaccount SET balance = 50 WHERE owner_id = %s",
        ann.pk,
    )

    assert faults() == [
        "ann@example.com, EUR: the balance is 50, its transfers add up to 5",
        "EUR: all balances add up to 45, not to zero",
    ]


def test_a_balance_without_any_transfer_is_told(ann):
    behind_the_databases_back(
        "accounts_creditaccount",
        "INSERT INTO accounts_creditaccount (kind, owner_id, currency, balance, uncovered)"
        " VALUES ('customer', %s, 'USD', 7, 0)",
        ann.pk,
    )

    assert faults() == [
        "ann@example.com, USD: the balance is 7, its transfers add up to 0",
        "USD: all balances add up to 7, not to zero",
    ]


def test_balances_that_are_wrong_in_opposite_ways_are_both_told(ann, bob):
    top_up(ann, "5")
    top_up(bob, "5")

    behind_the_databases_back(
        "accounts_creditaccount",
        "UPDATE accounts_creditaccount SET balance = CASE owner_id WHEN %s THEN 6 ELSE 4 END"
        " WHERE kind = 'customer'",
        ann.pk,
    )

    assert [line.split(",")[0] for line in faults()] == ["ann@example.com", "bob@example.com"]


def test_a_transfer_that_no_balance_knows_of_is_told(ann):
    make_top_up_order(ann)

    behind_the_databases_back(
        "accounts_credittransfer",
        "INSERT INTO accounts_credittransfer"
        " (debit_id, credit_id, amount, currency, kind, key, made_at, event_id)"
        " SELECT debit_id, credit_id, 1, currency, 'adjustment', 'stray', made_at, 'evt-1'"
        " FROM accounts_credittransfer",
    )

    assert faults() == [
        "ann@example.com, EUR: the balance is 20.00, its transfers add up to 21.00",
        "EUR: all balances add up to -1.00, not to zero",
    ]


def give_back_behind_the_databases_back(charge, amount):
    """Insert a return that no trigger sees, so that no balance counts it."""
    behind_the_databases_back(
        "accounts_credittransfer",
        "INSERT INTO accounts_credittransfer"
        " (debit_id, credit_id, amount, currency, kind, key, made_at, charge_id, event_id)"
        " SELECT credit_id, debit_id, %s, currency, 'return', 'stray', made_at, charge_id, ''"
        " FROM accounts_credittransfer WHERE charge_id = %s AND kind = 'purchase'",
        amount,
        charge.pk,
    )


def test_a_charge_that_got_back_more_than_it_cost_is_told(ann):
    top_up(ann, "2.50")
    charge = make_charge(ann, "2.50", reference="ORD-1")

    give_back_behind_the_databases_back(charge, "2.51")

    assert "charge ORD-1: it is 2.50 EUR, 2.50 was booked and 2.51 went back" in faults()


def test_a_charge_that_nothing_books_is_told(ann):
    top_up(ann, "2.50")
    behind_the_databases_back(
        "accounts_charge",
        "INSERT INTO accounts_charge (account_id, kind, amount, currency, reference, made_at)"
        " SELECT id, 'purchase', 2, 'EUR', 'ORD-1', now() FROM accounts_creditaccount"
        " WHERE owner_id = %s",
        ann.pk,
    )

    assert faults() == ["charge ORD-1: it is 2 EUR, 0 was booked and 0 went back"]


def test_what_is_uncovered_without_a_transfer_is_told(ann):
    make_charge(ann, "2.50")
    behind_the_databases_back(
        "accounts_creditaccount",
        "UPDATE accounts_creditaccount SET uncovered = 1 WHERE owner_id = %s",
        ann.pk,
    )

    assert faults() == ["ann@example.com, EUR: uncovered is 1, its transfers add up to 2.50"]


def test_a_ledger_with_uncovered_purchases_and_returns_adds_up(ann):
    charge = make_charge(ann, "2.50")
    make_charge(ann, "1")
    ledger.move(ledger.give_back(charge, made_at=charge.made_at, amount=charge.amount))

    assert check() == "The ledger adds up.\n"
