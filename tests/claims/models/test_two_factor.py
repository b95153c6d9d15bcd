"""The Python, ORM and SQL spellings of one formula agree on every claim."""

import itertools

import pytest
from django.db import connection

from claims.models import Claim
from claims.models.two_factor import IS_PROTECTED, is_protected, two_factor_sql
from tests.makers import make_claim, make_order, make_top_up_order

BOOLS = (False, True)


def in_sql(claim: Claim) -> bool:
    protected = two_factor_sql(claim="claim", number="number")
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT {protected}
              FROM claims_claim AS claim
              JOIN claims_order AS bought ON bought.id = claim.order_id
              LEFT JOIN claims_number AS number ON number.id = bought.number_id
             WHERE claim.id = %s
            """,
            [claim.pk],
        )
        (answer,) = cursor.fetchone()
    return bool(answer)


@pytest.mark.parametrize(("shop", "customer", "staff"), [*itertools.product(BOOLS, repeat=3)])
def test_one_word_of_shop_customer_or_staff_is_enough_in_every_spelling(ann, shop, customer, staff):
    order = make_order(ann, two_factor=shop)
    claim = make_claim(order, kind=Claim.Kind.MAJOR_DEFECT, customer_two_factor=customer)
    Claim.objects.filter(pk=claim.pk).update(staff_two_factor=staff)

    expected = shop or customer or staff
    number = claim.order.number
    assert is_protected(number, customer=customer, staff=staff) is expected
    assert Claim.objects.filter(IS_PROTECTED, pk=claim.pk).exists() is expected
    assert in_sql(claim) is expected


def test_an_order_without_a_number_is_not_protected(ann):
    assert is_protected(make_top_up_order(ann).number, customer=False, staff=False) is False
