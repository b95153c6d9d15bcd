"""How amounts of money are written."""

from decimal import Decimal

from babel.numbers import get_currency_precision


def money(amount: Decimal, currency: str) -> str:
    """`2.50 EUR`, `250 JPY` or `2.500 KWD`, with a space that a line never breaks at."""
    return f"{amount:,.{_decimals(amount, currency)}f}\N{NO-BREAK SPACE}{currency}"


def signed(amount: Decimal, currency: str) -> str:
    """`+2.50 EUR` or `−2.50 EUR`."""
    sign = "+" if amount >= 0 else "\N{MINUS SIGN}"
    return sign + money(abs(amount), currency)


def _decimals(amount: Decimal, currency: str) -> int:
    """As many as the currency has, and more where the amount would be rounded otherwise."""
    _, _, exponent = amount.normalize().as_tuple()
    return max(get_currency_precision(currency), -int(exponent))
