"""A person's balance in a currency is the sum of their accounts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import CreditAccount
from claims import access
from claims.actions.review.customer_merges import complete_merge
from claims.queries import Balance, balances_of
from tests.makers import make_charge, make_merge, top_up


def merge(merged, survivor):
    complete_merge(merge_id=make_merge(merged, survivor).pk, now=timezone.now())


def told(user):
    return balances_of(access.accounts_of(user))


def test_each_currency_has_one_balance(ann):
    top_up(ann, "5.00", currency="USD")
    top_up(ann, "3.00")

    assert told(ann) == [
        Balance("EUR", Decimal("3.00"), Decimal(0)), Balance("USD", Decimal("5.00"), Decimal(0)),
    ]  # fmt: skip


def test_after_a_merge_it_is_the_sum_of_both(ann, bob):
    top_up(ann, "5.00")
    top_up(bob, "3.00")

    merge(ann, bob)

    assert told(bob) == [Balance("EUR", Decimal("8.00"), Decimal(0))]
    assert told(ann) == []


@pytest.mark.parametrize(
    ("credit", "balance", "uncovered"), [("10.00", "3.00", "0"), ("5.00", "0", "2.00")]
)
def test_the_credit_of_one_covers_the_purchases_of_the_other(
    credit, balance, uncovered, ann, bob, django_assert_num_queries
):
    make_charge(ann, "7.00")
    top_up(bob, credit)

    merge(ann, bob)

    with django_assert_num_queries(1):
        assert told(bob) == [Balance("EUR", Decimal(balance), Decimal(uncovered))]


def test_someone_without_an_account_has_none(ann):
    assert told(ann) == []
    assert CreditAccount.objects.filter(owner=ann).count() == 0
