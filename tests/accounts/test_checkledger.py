from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import CreditAccount, CreditTransfer
from tests.makers import make_order, make_top_up_order, top_up


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
        "ann@example.com, EUR: the balance is 50.00, its transfers add up to 5.00",
        "EUR: all balances add up to 45.00, not to zero",
    ]


def test_a_balance_without_any_transfer_is_told(ann):
    behind_the_databases_back(
        "accounts_creditaccount",
        "INSERT INTO accounts_creditaccount (kind, owner_id, currency, balance)"
        " VALUES ('customer', %s, 'USD', 7)",
        ann.pk,
    )

    assert faults() == [
        "ann@example.com, USD: the balance is 7.00, its transfers add up to 0.00",
        "USD: all balances add up to 7.00, not to zero",
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
        " (debit_id, credit_id, amount, currency, kind, key, made_at)"
        " SELECT debit_id, credit_id, 1, currency, kind, 'stray', made_at"
        " FROM accounts_credittransfer",
    )

    assert faults() == [
        "ann@example.com, EUR: the balance is 20.00, its transfers add up to 21.00",
        "EUR: all balances add up to -1.00, not to zero",
    ]


@pytest.mark.parametrize("kind", ["return", "goodwill"])
def test_an_order_that_got_back_more_than_it_paid_is_told(ann, kind):
    order = make_order(ann, price="2.50")
    paid = CreditTransfer.objects.get(key=f"order:{order.pk}:purchase")
    CreditTransfer.objects.create(
        debit=paid.credit if kind == "return" else shop_account("goodwill"),
        credit=paid.debit,
        amount="2.51",
        currency="EUR",
        kind=kind,
        key=f"order:{order.pk}:{kind}",
        made_at=paid.made_at,
    )

    assert faults() == [f"order {order.pk}: it got back 2.51 EUR and had paid 2.50"]


def shop_account(kind):
    return CreditAccount.objects.create(kind=kind, currency="EUR")


def test_an_order_that_got_back_its_price_is_in_order(ann):
    order = make_order(ann, price="2.50")
    paid = CreditTransfer.objects.get(key=f"order:{order.pk}:purchase")
    CreditTransfer.objects.create(
        debit=paid.credit,
        credit=paid.debit,
        amount="2.50",
        currency="EUR",
        kind="return",
        key=f"order:{order.pk}:return",
        made_at=paid.made_at,
    )

    assert check() == "The ledger adds up.\n"


def test_a_return_and_goodwill_count_together(ann):
    order = make_order(ann, price="2.50")
    paid = CreditTransfer.objects.get(key=f"order:{order.pk}:purchase")
    for kind, debit in (("return", paid.credit), ("goodwill", shop_account("goodwill"))):
        CreditTransfer.objects.create(
            debit=debit,
            credit=paid.debit,
            amount="1.50",
            currency="EUR",
            kind=kind,
            key=f"order:{order.pk}:{kind}",
            made_at=paid.made_at,
        )

    assert faults() == [f"order {order.pk}: it got back 3.00 EUR and had paid 2.50"]
