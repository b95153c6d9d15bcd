from decimal import Decimal

import pytest

from claims.formats.fields import BadRow
from claims.formats.json_values import JsonValues
from claims.formats.order_reports import read_report
from claims.formats.text_values import TextValues
from tests.claims.actions.orders.reports import NOW, NUMBER


def read_json(**changes):
    return read_report(JsonValues(NUMBER | changes), line=3, now=NOW)


def test_values_of_json_make_the_report_that_their_texts_make():
    typed = read_json(two_factor=True, price=2.5, supplier=None)

    assert typed == read_report(TextValues(NUMBER | {"supplier": ""}), line=3, now=NOW)
    assert (typed.two_factor, str(typed.price)) == (True, "2.50")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("two_factor", 1, "must be true or false"),
        ("two_factor", "maybe", "“maybe” is neither true nor false"),
        ("price", True, "must be a number"),
        ("price", 2.505, "“2.505” has more decimals than EUR, which has 2"),
        ("price", 1e22, "“1E+22” is not an amount such as 2.50"),
        ("price", Decimal("NaN"), "“NaN” is not an amount such as 2.50"),
        ("price", -2, "“-2” is not an amount such as 2.50"),
        ("service", True, "must be a text"),
        ("service", ["telegram"], "must be a text"),
        ("purchased_at", 5, "“5” is not a time such as 2026-04-01T12:30:00+00:00"),
        ("country", None, "is missing"),
    ],
)
def test_a_value_of_another_type_is_told_with_what_is_wanted(field, value, told):
    with pytest.raises(BadRow) as bad:
        read_json(**{field: value})

    assert bad.value.reasons == [f"{field} {told}"]


def test_what_is_given_and_wrong_is_not_missing_too():
    with pytest.raises(BadRow) as bad:
        read_json(channel="shop", order_id="")

    assert bad.value.reasons == [
        "order_id is missing",
        "channel “shop” is not one of web, api",
    ]
