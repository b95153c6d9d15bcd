"""The Python, ORM and SQL spellings of what can go back for an order agree."""

from decimal import Decimal

from django.db import connection

from claims.models import Order
from claims.models.refundable import refundable, refundable_of, refundable_sql
from tests.claims.actions.review.replacement_requests import (
    given,
    make_defect,
    provided,
    request,
    tell,
)
from tests.makers import make_order


def spellings(order: Order) -> list[Decimal]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {refundable_sql('bought')} FROM claims_order AS bought WHERE bought.id = %s",
            [order.pk],
        )
        (in_sql,) = cursor.fetchone()
    in_orm = Order.objects.values_list(refundable(), flat=True).get(pk=order.pk)
    return [refundable_of(value=order.value, price=order.price), in_orm, in_sql, order.refundable]


def test_a_bought_order_gives_back_its_price(ann):
    assert spellings(make_order(ann, price="2.50")) == [Decimal("2.50")] * 4


def test_a_replacement_gives_back_the_value_of_the_order_that_it_replaces(ann, sue):
    asked = request(make_defect(ann, price="3.00"), sue)
    tell(provided(asked))
    assert spellings(given(asked)) == [Decimal("3.00")] * 4
