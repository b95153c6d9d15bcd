from decimal import Decimal

import pytest

from claims.wording.amounts import money, signed


@pytest.mark.parametrize(
    ("amount", "currency", "written"),
    [
        ("1234.5", "EUR", "1,234.50"),
        ("2.50", "USD", "2.50"),
        ("1250.00", "JPY", "1,250"),
        ("2.50", "KWD", "2.500"),
        ("2.50", "QQQ", "2.50"),
        ("100", "EUR", "100.00"),
    ],
)
def test_an_amount_has_the_decimals_of_its_currency(amount, currency, written):
    assert money(Decimal(amount), currency) == f"{written}\N{NO-BREAK SPACE}{currency}"


def test_no_amount_is_rounded():
    assert money(Decimal("2.50"), "JPY") == "2.5\N{NO-BREAK SPACE}JPY"


def test_a_movement_has_its_sign():
    assert signed(Decimal("2.5"), "USD") == "+2.50\N{NO-BREAK SPACE}USD"
    assert signed(Decimal("-2.5"), "USD") == "\N{MINUS SIGN}2.50\N{NO-BREAK SPACE}USD"
