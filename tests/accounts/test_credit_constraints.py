"""The writes that the database itself refuses, whatever code makes them."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from accounts import ledger
from accounts.models import CreditAccount, CreditTransfer
from tests.makers import top_up


def account(owner=None, currency="EUR", **fields):
    return CreditAccount.objects.create(
        owner=owner,
        currency=currency,
        **({"kind": "customer", "balance": 0} if owner else {"kind": "sales"}) | fields,
    )


def transfer(debit, credit, **fields):
    plain = {"amount": Decimal(1), "currency": "EUR", "kind": "return", "key": "order:1:return"}
    return CreditTransfer.objects.create(
        debit=debit, credit=credit, made_at=timezone.now(), **(plain | fields)
    )


def refused_by(name, error=IntegrityError):
    return pytest.raises(error, match=name)


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"kind": "customer", "balance": 0}, {"balance": 0}])
def test_an_account_without_an_owner_is_the_shops_and_keeps_no_balance(fields):
    with refused_by("customers_accounts_have_an_owner_and_a_balance"):
        account(**fields)


@pytest.mark.parametrize("fields", [{"kind": "sales", "balance": None}, {"balance": None}])
def test_an_owned_account_is_a_customers_and_has_a_balance(ann, fields):
    with refused_by("customers_accounts_have_an_owner_and_a_balance"):
        account(ann, **fields)


def test_a_customer_has_one_account_for_each_currency(ann):
    account(ann, "EUR")
    account(ann, "USD")

    with refused_by("one_account_per_customer_and_currency"):
        account(ann, "EUR")


@pytest.mark.django_db
def test_the_shop_has_one_account_for_each_kind_and_currency():
    account(currency="EUR")
    account(currency="EUR", kind="payments")

    with refused_by("one_shop_account_per_kind_and_currency"):
        account(currency="EUR")


@pytest.mark.parametrize("currency", ["eur", "EU", "E1R"])
def test_a_currency_is_three_capital_letters(ann, currency):
    with refused_by("account_currency_is_iso_4217"):
        account(ann, currency)


def test_an_account_opens_empty(ann):
    with refused_by("opens with a balance of zero", DatabaseError):
        account(ann, balance=5)


def test_an_account_does_not_open_below_zero(ann):
    with refused_by("balance_is_never_below_zero"):
        account(ann, balance=-5)


def test_a_balance_is_not_edited(ann):
    top_up(ann, "3")
    mine = CreditAccount.objects.get(owner=ann)
    mine.balance = Decimal(300)

    with refused_by("changes by credit transfers alone", DatabaseError), transaction.atomic():
        mine.save()

    mine.refresh_from_db()
    assert mine.balance == 3


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_a_transfer_moves_more_than_nothing(ann, amount):
    with refused_by("transfer_amount_is_positive"):
        transfer(account(), account(ann), amount=Decimal(amount))


def test_a_transfer_has_a_kind_that_is_known(ann):
    with refused_by("transfer_kind_is_known"):
        transfer(account(), account(ann), kind="present")


def test_a_key_is_used_once(ann):
    sales, mine = account(), account(ann)
    transfer(sales, mine)

    with refused_by("key"), transaction.atomic():
        transfer(sales, mine)

    mine.refresh_from_db()
    assert mine.balance == 1


def test_a_purchase_goes_from_the_customer_to_the_shop(ann):
    with refused_by("a purchase goes from a customer to the shop", DatabaseError):
        transfer(account(), account(ann), kind="purchase")


@pytest.mark.parametrize("kind", ["top_up", "return", "goodwill"])
def test_everything_else_goes_to_the_customer(ann, kind):
    top_up(ann, "5")
    mine = CreditAccount.objects.get(owner=ann)

    with refused_by("all else to a customer", DatabaseError):
        transfer(mine, account(), kind=kind)


def test_credit_does_not_go_from_customer_to_customer(ann, bob):
    top_up(ann, "5")

    with refused_by("a purchase goes from a customer to the shop", DatabaseError):
        transfer(CreditAccount.objects.get(owner=ann), account(bob), kind="purchase")


@pytest.mark.parametrize(("of_shop", "of_ann"), [("USD", "EUR"), ("EUR", "USD"), ("USD", "USD")])
def test_a_transfer_and_its_accounts_have_one_currency(ann, of_shop, of_ann):
    with refused_by("have one currency", DatabaseError):
        transfer(account(currency=of_shop), account(ann, of_ann))


def test_a_purchase_beyond_the_balance_is_refused_by_the_database(ann):
    top_up(ann, "5")
    mine = CreditAccount.objects.get(owner=ann)

    with refused_by("balance_is_never_below_zero"), transaction.atomic():
        transfer(mine, account(), kind="purchase", amount=Decimal("5.01"))

    assert ledger.lock_balances([ann.pk])[ann.pk, "EUR"] == 5
