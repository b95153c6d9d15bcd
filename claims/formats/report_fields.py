"""From the texts of one row to a `Report`, with every reason why they don't make one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email

from claims.formats.identifiers import COUNTRY, SERVICE, SHOP_ID
from claims.formats.phone_numbers import E164, to_e164
from claims.formats.reports import OrderReport
from claims.policy import Activation, Channel, Product

COLUMNS = tuple(name for name in OrderReport._fields if name != "line")

REQUIRED = frozenset(
    {"order_id", "customer_email", "product", "channel", "price", "currency", "purchased_at"}
    | {"updated_at"}
)
OF_A_NUMBER = ("service", "country", "phone", "allotted_until", "activation")
# What an activation can't be without.
INSTANT_OF: dict[str, tuple[str, ...]] = {
    Activation.SMS_RECEIVED: ("sms_received_at",),
    Activation.COMPLETED: ("completed_at",),
}
NEVER_OF_A_TOP_UP = (*OF_A_NUMBER, "supplier", "sms_received_at", "completed_at")
LONGEST = {"order_id": 64, "customer_email": 254, "customer_name": 80, "service": 40}
LONGEST |= {"supplier": 40}
PRICE = re.compile(r"[0-9]{1,10}(\.[0-9]{1,2})?")
# Control characters, and what bytes become that aren't UTF-8. The database takes neither.
UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
# How far the shop's clock may be ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)


class BadRow(Exception):
    """A row that is no report; `reasons` are all of them."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def read_report(fields: Mapping[str, str], *, line: int, now: datetime) -> OrderReport:
    """The report that a row makes. Fields that are absent are empty. Raises `BadRow`."""
    texts = {name: " ".join(fields.get(name, "").split(" ")).strip() for name in COLUMNS}
    values: dict[str, Any] = {"line": line}
    reasons = []
    for name in COLUMNS:
        try:
            values[name] = _read(name, texts[name])
        except ValueError as error:
            reasons.append(f"{name} {error}")
    reasons += [*_misplaced(texts), *_impossible(values, now=now)]
    if reasons:
        raise BadRow(reasons)
    return OrderReport(**values)


def read_optional(name: str, text: str, *, of: str = "") -> Any:
    """One field, read as column `of` is, or the one of its own name. Raises `BadRow`."""
    try:
        return _read(of or name, text)
    except ValueError as error:
        raise BadRow([f"{name} {error}"]) from error


def read_field(name: str, text: str, *, of: str) -> Any:
    """As `read_optional`, of what can't be empty. Raises `BadRow`."""
    value = read_optional(name, text, of=of)
    if value in ("", None):
        raise BadRow([f"{name} is missing"])
    return value


def _read(name: str, text: str) -> object:
    if UNREADABLE.search(text):
        raise ValueError("holds control characters, or bytes that are not UTF-8")
    if len(text) > LONGEST.get(name, 400):
        raise ValueError(f"is longer than {LONGEST.get(name, 400)} characters")
    if not text and name in REQUIRED:
        raise ValueError("is missing")
    reader = READERS.get(name)
    return reader(text) if reader else text


def _matching(pattern: str, wanted: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text and not re.fullmatch(pattern, text):
            raise ValueError(f"“{text}” is not {wanted}")
        return text

    return read


def _one_of(words: Iterable[str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text and text not in words:
            raise ValueError(f"“{text}” is not one of {', '.join(words)}")
        return text

    return read


def _email(text: str) -> str:
    lowered = text.lower()  # it may be longer than the text
    try:
        validate_email(lowered)
        MaxLengthValidator(LONGEST["customer_email"])(lowered)
    except ValidationError as error:
        raise ValueError(f"“{text}” is not an email address") from error
    return lowered


def _phone(text: str) -> str:
    if not text:
        return ""
    try:
        phone = to_e164(text)
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error
    if not re.fullmatch(E164, phone):
        raise ValueError(f"“{text}” is not an international phone number")
    return phone


def _amount(text: str) -> Decimal:
    if not PRICE.fullmatch(text):
        raise ValueError(f"“{text}” is not an amount such as 2.50")
    return Decimal(text).quantize(Decimal("0.01"))


def _price(text: str) -> Decimal:
    amount = _amount(text.removeprefix("-"))
    if amount == 0 or text.startswith("-"):
        raise ValueError("must be more than 0")
    return amount


def _flag(text: str) -> bool:
    if text not in ("true", "false", ""):
        raise ValueError(f"“{text}” is neither true nor false")
    return text == "true"


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"“{text}” is not a time such as 2026-04-01T12:30:00+00:00") from error
    if instant.utcoffset() is None:
        raise ValueError(f"“{text}” has no offset from UTC, such as Z or +02:00")
    if not 2000 <= instant.year < 2200:
        raise ValueError(f"“{text}” is not in this century or the next")
    return instant.astimezone(UTC)


READERS: dict[str, Callable[[str], object]] = {
    "order_id": _matching(SHOP_ID, "an order id of letters, digits, dots, - and _"),
    "customer_email": _email,
    "product": _one_of(list(Product)),
    "service": _matching(SERVICE, "a service in small letters, such as whatsapp"),
    "country": _matching(COUNTRY, "a country of two capital letters, such as DE"),
    "phone": _phone,
    "two_factor": _flag,
    "channel": _one_of(list(Channel)),
    "amount": _amount,
    "price": _price,
    "currency": _matching(r"[A-Z]{3}", "a currency of three capital letters, such as EUR"),
    "purchased_at": _instant,
    "allotted_until": _instant,
    "activation": _one_of(list(Activation)),
    "sms_received_at": _instant,
    "completed_at": _instant,
    "updated_at": _instant,
}


def _misplaced(texts: Mapping[str, str]) -> list[str]:
    """What this product must have and hasn't, or has and can't have."""
    if texts["product"] == Product.NUMBER:
        wanted = (*OF_A_NUMBER, *INSTANT_OF.get(texts["activation"], ()))
        return [f"{name} is missing" for name in wanted if not texts[name]]
    if texts["product"] != Product.TOP_UP:
        return []
    reasons = [f"{name} must be empty for a top-up" for name in NEVER_OF_A_TOP_UP if texts[name]]
    if texts["two_factor"] == "true":
        reasons.append("two_factor must be false for a top-up")
    return reasons


def _impossible(values: Mapping[str, Any], *, now: datetime) -> list[str]:
    """Every reason why these can't be true together, as far as the values could be read."""
    updated_at, purchased_at = values.get("updated_at"), values.get("purchased_at")
    wrong = []
    for name in ("purchased_at", "sms_received_at", "completed_at"):
        value = values.get(name)
        if value and updated_at and value > updated_at:
            wrong.append(f"{name} must not be after updated_at")
        if value and purchased_at and value < purchased_at:
            wrong.append(f"{name} must not be before purchased_at")
    allotted_until = values.get("allotted_until")
    if allotted_until and purchased_at and allotted_until <= purchased_at:
        wrong.append("allotted_until must be after purchased_at")
    if updated_at and updated_at > now + CLOCK_SKEW:
        wrong.append("updated_at is in the future")
    return wrong
