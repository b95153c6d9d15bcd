"""From an event as the shop sends it to what it says. Pure: no database."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db.models import TextChoices

from claims.formats.report_fields import (
    CLOCK_SKEW,
    UNREADABLE,
    BadRow,
    read_field,
    read_optional,
    read_report,
)
from claims.formats.reports import OrderReport, Sign
from claims.policy import Activation

EVENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
EVENT_TYPE: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")


DEEPEST: Final = 20
REQUEST_ID: Final = re.compile(r"rpl_[0-9a-f]{32}")
MOST_OF_A_REASON: Final = 400
# By which column of an import each is read.
OF_A_REPLACEMENT: Final = {
    "order_id": "order_id",
    "phone": "phone",
    "service": "service",
    "country": "country",
    "list_price": "price",
    "currency": "currency",
    "allotted_until": "allotted_until",
}


class EventType(TextChoices):
    """What the shop tells of, by the name that it has in the API."""

    CUSTOMER_UPSERTED = "customer.upserted"
    ORDER_CREATED = "order.created"
    ORDER_UPDATED = "order.updated"
    SMS_RECEIVED = "sms.received"
    ACTIVATION_COMPLETED = "activation.completed"
    ACTIVATION_CANCELLED = "activation.cancelled"
    TWO_FACTOR = "number.two_factor"
    REPLACEMENT_PROVIDED = "replacement.provided"
    REPLACEMENT_REFUSED = "replacement.refused"
    CREDIT_ACKNOWLEDGED = "credit.acknowledged"


ABOUT_A_REPORT: Final = (EventType.ORDER_CREATED, EventType.ORDER_UPDATED)


class ShopMessage(NamedTuple):
    """An event that has an id, a type and a time. Its data is still to be read."""

    event_id: str
    type: str
    at: datetime
    data: dict[str, Any]


class Acknowledged(NamedTuple):
    """How much the shop says that it has credited for an order's return."""

    amount: Decimal
    currency: str


class Provided(NamedTuple):
    """The order of a number that the shop gives in the place of another one."""

    request_id: str
    order_id: str
    phone: str
    service: str
    country: str
    supplier: str
    two_factor: bool
    list_price: Decimal
    currency: str
    purchased_at: datetime
    allotted_until: datetime


class Declined(NamedTuple):
    """The shop has no number for a request."""

    request_id: str
    reason: str


class Contents(NamedTuple):
    """What a message of a known type is about; one of the last five at most."""

    shop_order_id: str = ""
    customer_email: str = ""
    customer_name: str = ""
    report: OrderReport | None = None
    sign: Sign | None = None
    acknowledged: Acknowledged | None = None
    provided: Provided | None = None
    declined: Declined | None = None


def read_message(sent: object, *, now: datetime, event_id: str = "") -> ShopMessage:
    """The message in what JSON made. `event_id` is its id, unless it says one itself.

    Raises `BadRow`.
    """
    if not isinstance(sent, dict):
        raise BadRow(["an event is an object with id, type, timestamp and data"])
    data = sent.get("data")
    if not isinstance(data, dict):
        raise BadRow(["data is not an object"])
    if not _is_storable(data):
        raise BadRow(
            [f"data holds control characters, broken Unicode, or is nested deeper than {DEEPEST}"]
        )
    at = read_field("timestamp", _text("timestamp", sent.get("timestamp")), of="updated_at")
    if at > now + CLOCK_SKEW:
        raise BadRow(["timestamp is in the future"])
    return ShopMessage(
        event_id=_matching(EVENT_ID, "id", sent.get("id", event_id)),
        type=_matching(EVENT_TYPE, "type", sent.get("type")),
        at=at,
        data=data,
    )


def read_contents(message: ShopMessage, *, line: int, now: datetime) -> Contents:
    """What a message of one of `EventType` says. Raises `BadRow` with every reason."""
    if message.type == EventType.CUSTOMER_UPSERTED:
        return _customer(message.data)
    if message.type in ABOUT_A_REPORT:
        return _report(message, line=line, now=now)
    if message.type == EventType.CREDIT_ACKNOWLEDGED:
        return _acknowledgement(message.data)
    if message.type == EventType.REPLACEMENT_PROVIDED:
        return _replacement(message)
    if message.type == EventType.REPLACEMENT_REFUSED:
        return _refusal(message.data)
    return _sign(message, line=line)


def _customer(data: Mapping[str, Any]) -> Contents:
    email = read_field("customer_email", _field(data, "customer_email"), of="customer_email")
    name = _field(data, "customer_name")
    if name:
        name = read_field("customer_name", " ".join(name.split()), of="customer_name")
    return Contents(customer_email=email, customer_name=name)


def _report(message: ShopMessage, *, line: int, now: datetime) -> Contents:
    names = set(OrderReport._fields) & set(message.data)
    texts = {name: _field(message.data, name) for name in names}
    report = read_report(texts | {"updated_at": message.at.isoformat()}, line=line, now=now)
    return Contents(
        shop_order_id=report.order_id,
        customer_email=report.customer_email,
        customer_name=report.customer_name,
        report=report,
    )


def _replacement(message: ShopMessage) -> Contents:
    data = message.data
    read = {
        name: read_field(name, _field(data, name), of=column)
        for name, column in OF_A_REPLACEMENT.items()
    }
    if read["allotted_until"] <= message.at:
        raise BadRow(["allotted_until must be after the event's timestamp"])
    provided = Provided(
        request_id=_matching(REQUEST_ID, "request_id", data.get("request_id")),
        supplier=read_optional("supplier", _field(data, "supplier")),
        two_factor=read_optional("two_factor", _field(data, "two_factor")),
        purchased_at=message.at,
        **read,
    )
    return Contents(shop_order_id=provided.order_id, provided=provided)


def _refusal(data: Mapping[str, Any]) -> Contents:
    request_id = _matching(REQUEST_ID, "request_id", data.get("request_id"))
    reason = " ".join(_field(data, "reason").split())[:MOST_OF_A_REASON]
    return Contents(declined=Declined(request_id, reason))


def _acknowledgement(data: Mapping[str, Any]) -> Contents:
    return Contents(
        shop_order_id=read_field("order_id", _field(data, "order_id"), of="order_id"),
        acknowledged=Acknowledged(
            amount=read_field("amount", _field(data, "amount"), of="amount"),
            currency=read_field("currency", _field(data, "currency"), of="currency"),
        ),
    )


def _sign(message: ShopMessage, *, line: int) -> Contents:
    order_id = read_field("order_id", _field(message.data, "order_id"), of="order_id")
    return Contents(shop_order_id=order_id, sign=SIGNS[message.type](message, order_id, line))


def _sms(message: ShopMessage, order_id: str, line: int) -> Sign:
    at = _instant(message, "received_at")
    return Sign(line, order_id, at, activation=Activation.SMS_RECEIVED, sms_received_at=at)


def _completion(message: ShopMessage, order_id: str, line: int) -> Sign:
    at = _instant(message, "completed_at")
    return Sign(line, order_id, at, activation=Activation.COMPLETED, completed_at=at)


def _cancellation(message: ShopMessage, order_id: str, line: int) -> Sign:
    at = _instant(message, "cancelled_at")
    return Sign(line, order_id, at, activation=Activation.CANCELLED)


def _two_factor(message: ShopMessage, order_id: str, line: int) -> Sign:
    return Sign(line, order_id, message.at, two_factor=True)


SIGNS: Final[dict[str, Callable[[ShopMessage, str, int], Sign]]] = {
    EventType.SMS_RECEIVED: _sms,
    EventType.ACTIVATION_COMPLETED: _completion,
    EventType.ACTIVATION_CANCELLED: _cancellation,
    EventType.TWO_FACTOR: _two_factor,
}


def _instant(message: ShopMessage, name: str) -> datetime:
    """When it happened: what `data` says, or else the message's own time. Never after that."""
    text = _field(message.data, name)
    if not text:
        return message.at
    at: datetime = read_field(name, text, of="updated_at")
    if at > message.at:
        raise BadRow([f"{name} must not be after the event's timestamp"])
    return at


def _field(data: Mapping[str, Any], name: str) -> str:
    return _text(name, data.get(name))


def _text(name: str, value: object) -> str:
    """A value of JSON as the columns of an import write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise BadRow([f"{name} is not a text"])


def _matching(pattern: re.Pattern[str], name: str, value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadRow([f"{name} is missing, or is not like {pattern.pattern}"])
    return value


def _is_storable(value: object, depth: int = 0) -> bool:
    """Whether PostgreSQL takes it as JSON."""
    if depth > DEEPEST:
        return False
    if isinstance(value, str):
        return not UNREADABLE.search(value)
    if isinstance(value, dict):
        return all(_is_storable(part, depth + 1) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(_is_storable(part, depth + 1) for part in value)
    return not isinstance(value, float) or abs(value) < float("inf")
