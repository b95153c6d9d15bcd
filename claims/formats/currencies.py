"""The currencies that the shop may use, each with its number of decimals."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Final

from babel.numbers import get_currency_precision, list_currencies
from django.conf import settings

AMOUNT_LIMIT: Final = Decimal(10) ** 10


@cache
def _iso_4217() -> frozenset[str]:
    return frozenset(list_currencies())


def digits_of(currency: str) -> int | None:
    """Return the decimals of a currency of `CURRENCY_DIGITS` or ISO 4217; None for another text."""
    if currency in settings.CURRENCY_DIGITS:
        return int(settings.CURRENCY_DIGITS[currency])
    return get_currency_precision(currency) if currency in _iso_4217() else None


def in_digits(amount: Decimal, currency: str) -> Decimal:
    """Return the amount with the decimals of its currency, such as 2.50 EUR, 250 JPY, 0.125 KWD.

    Raises `ValueError` for a negative or huge amount, and for one with more decimals than that.
    """
    digits = digits_of(currency)
    if digits is None:
        raise ValueError(f"can't be read, because “{currency}” is no currency known here")
    unit = Decimal(1).scaleb(-digits)
    if not amount.is_finite() or amount < 0 or amount >= AMOUNT_LIMIT:
        raise ValueError(f"“{amount}” is not an amount such as {Decimal('2.5').quantize(unit):f}")
    if amount != amount.quantize(unit):
        raise ValueError(f"“{amount:f}” has more decimals than {currency}, which has {digits}")
    return amount.quantize(unit)
