"""Amounts of money, with the decimals of their currency."""

from decimal import Decimal

from babel.numbers import get_currency_precision
from django.conf import settings


def money(amount: Decimal, currency: str) -> str:
    """Return `2.50 EUR`, `250 JPY` or `2.500 KWD`, with a no-break space."""
    return f"{amount:,.{_decimals(amount, currency)}f}\N{NO-BREAK SPACE}{currency}"


def signed(amount: Decimal, currency: str) -> str:
    """Return `+2.50 EUR` or `−2.50 EUR`."""
    sign = "+" if amount >= 0 else "\N{MINUS SIGN}"
    return sign + money(abs(amount), currency)


def plain(amount: Decimal) -> str:
    """Return the amount as programs read it, never with an exponent: `2.50`, `0.00000001`."""
    return f"{amount:f}"


def _decimals(amount: Decimal, currency: str) -> int:
    """Return the currency's number of decimals, or more if the amount needs them."""
    _, _, exponent = amount.normalize().as_tuple()
    digits = settings.CURRENCY_DIGITS.get(currency)
    least = get_currency_precision(currency) if digits is None else digits
    return max(least, -int(exponent))
