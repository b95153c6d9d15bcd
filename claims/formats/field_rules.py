"""The rules of single fields that the shop reports, on values of their own types.

A rule returns the value as the database keeps it. It raises `ValueError` with the reason, which the
field's name precedes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.core.exceptions import ValidationError

from accounts.addresses import canonical_address
from claims.formats.currencies import digits_of, in_digits
from claims.formats.identifiers import CUSTOMER_ID, SHOP_ID
from claims.policy import Activation, Channel, Product

TextRule = Callable[[str], str]

LONGEST_ORDER_ID: Final = 64
LONGEST_CUSTOMER_ID: Final = 64
LONGEST_EMAIL: Final = 254
LONGEST_NAME: Final = 80
LONGEST_SENT: Final = 80
LONGEST_SUPPLIER: Final = 40
LONGEST_TEXT: Final = 400
# Control characters, and surrogates, which stand for bytes that aren't UTF-8. The database refuses
# both.
UNREADABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# The most by which the shop's clock may be ahead of ours.
CLOCK_SKEW: Final = timedelta(minutes=5)


def readable(text: str, longest: int = LONGEST_TEXT) -> str:
    if UNREADABLE.search(text):
        raise ValueError("holds control characters, or bytes that are not UTF-8")
    if len(text) > longest:
        raise ValueError(f"is longer than {longest} characters")
    return text


def no_longer_than(longest: int) -> TextRule:
    return lambda text: readable(text, longest)


def matching(pattern: str, wanted: str, *, longest: int = LONGEST_TEXT) -> TextRule:
    def rule(text: str) -> str:
        if not re.fullmatch(pattern, readable(text, longest)):
            raise ValueError(f"“{text}” is not {wanted}")
        return text

    return rule


def one_of(words: Iterable[str]) -> TextRule:
    known = list(words)

    def rule(text: str) -> str:
        if readable(text) not in known:
            raise ValueError(f"“{text}” is not one of {', '.join(known)}")
        return text

    return rule


def email(text: str) -> str:
    try:
        return canonical_address(readable(text, LONGEST_EMAIL))
    except ValidationError as error:
        raise ValueError(error.messages[0].removesuffix(".")) from error


def as_sent(longest: int) -> TextRule:
    """Return a rule for a text that is kept as it was sent: it squeezes blanks and shortens it."""

    def rule(text: str) -> str:
        squeezed = " ".join(text.split())
        return readable(squeezed, longest=len(squeezed))[:longest].rstrip()

    return rule


def spaced_name(text: str) -> str:
    """Return a name with single spaces."""
    return customer_name(" ".join(text.split()))


order_id: Final = matching(
    SHOP_ID, "an order id of letters, digits, dots, - and _", longest=LONGEST_ORDER_ID
)
customer_id: Final = matching(
    CUSTOMER_ID,
    "a customer id of letters, digits and . - _ : @ +",
    longest=LONGEST_CUSTOMER_ID,
)
supplier_order_id: Final = no_longer_than(LONGEST_ORDER_ID)
customer_name: Final = no_longer_than(LONGEST_NAME)
product: Final = one_of(Product)
service_sent: Final = as_sent(LONGEST_SENT)
country_sent: Final = as_sent(LONGEST_SENT)
phone_sent: Final = as_sent(LONGEST_SENT)
supplier: Final = as_sent(LONGEST_SUPPLIER)
channel: Final = one_of(Channel)
activation: Final = one_of(Activation)


def currency(text: str) -> str:
    if digits_of(readable(text)) is None:
        raise ValueError(
            f"“{text}” is neither a currency of ISO 4217, such as EUR, nor in CURRENCY_DIGITS"
        )
    return text


def amount_in(currency: str) -> Callable[[Decimal], Decimal]:
    """Return the rule of an amount in this currency; of any amount, if the currency is ''."""

    def rule(value: Decimal) -> Decimal:
        return in_digits(value, currency) if currency else value

    return rule


def signed_amount_in(currency: str) -> Callable[[Decimal], Decimal]:
    """Return the rule of an amount in this currency that may be negative, but not 0."""

    def rule(value: Decimal) -> Decimal:
        if value == 0:
            raise ValueError("must not be 0")
        return amount_in(currency)(abs(value)).copy_sign(value)

    return rule


def instant(value: datetime) -> datetime:
    """Return the instant in UTC. It must have an offset, and be in this century or the next."""
    if value.utcoffset() is None:
        raise ValueError("has no offset from UTC, such as Z or +02:00")
    if not 2000 <= value.year < 2200:
        raise ValueError("is not in this century or the next")
    return value.astimezone(UTC)
