"""The events that the shop sends, read into typed messages. It uses no database."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, assert_never

from django.db.models import TextChoices

from claims.formats import field_rules
from claims.formats.countries import country_in
from claims.formats.field_rules import CLOCK_SKEW, UNREADABLE
from claims.formats.fields import BadRow, Fields
from claims.formats.json_values import JsonValues
from claims.formats.order_reports import read_report
from claims.formats.phone_numbers import phone_in
from claims.formats.reports import OrderReport, Sign
from claims.formats.shop_contents import (
    Acknowledged,
    Adjusted,
    BalanceTold,
    Contents,
    Customer,
    Declined,
    Disputed,
    Provided,
    Refunded,
    SupplierMoved,
)
from claims.policy import Activation

EVENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
EVENT_TYPE: Final = re.compile(r"[a-z][a-z0-9_.]{0,63}")
DEEPEST: Final = 20
REQUEST_ID: Final = re.compile(r"rpl_[0-9a-f]{32}")
MOST_OF_A_REASON: Final = 400
ADJUSTMENT_REASONS: Final = ("bonus", "correction", "withdrawal", "payout")


class EventType(TextChoices):
    """The types of the shop's events, by their names in the API."""

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
    CREDIT_ADJUSTED = "credit.adjusted"
    CREDIT_BALANCE = "credit.balance"
    ORDER_REFUNDED = "order.refunded"
    PAYMENT_DISPUTED = "payment.disputed"
    SUPPLIER_CHARGED = "supplier.charged"
    SUPPLIER_REFUNDED = "supplier.refunded"


class ShopMessage(NamedTuple):
    """An event with an id, a type and a time, whose data hasn't been read yet."""

    event_id: str
    type: str
    at: datetime
    data: dict[str, Any]


def read_message(sent: object, *, now: datetime, event_id: str = "") -> ShopMessage:
    """Return the message in a decoded JSON value. `event_id` is its id unless it has its own.

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
    fields = _fields(sent, "timestamp")
    at = fields.instant("timestamp")
    if at > now + CLOCK_SKEW:
        fields.reasons.append("timestamp is in the future")
    fields.refuse_bad()
    return ShopMessage(
        event_id=_matching(EVENT_ID, "id", sent.get("id", event_id)),
        type=_matching(EVENT_TYPE, "type", sent.get("type")),
        at=at,
        data=data,
    )


def read_contents(  # noqa: C901, PLR0911, PLR0912 - one case for each type, which mypy counts
    message: ShopMessage, *, now: datetime
) -> Contents:
    """Return the contents of a message, with 0 as their line. Raises `BadRow` with every reason.

    The type of the message must be one of `EventType`.
    """
    kind = EventType(message.type)
    match kind:
        case EventType.CUSTOMER_UPSERTED:
            return _customer(message)
        case EventType.ORDER_CREATED | EventType.ORDER_UPDATED:
            return _report(message, now=now)
        case EventType.SMS_RECEIVED:
            return _sms(message)
        case EventType.ACTIVATION_COMPLETED:
            return _completion(message)
        case EventType.ACTIVATION_CANCELLED:
            return _cancellation(message)
        case EventType.TWO_FACTOR:
            return _two_factor(message)
        case EventType.REPLACEMENT_PROVIDED:
            return _replacement(message)
        case EventType.REPLACEMENT_REFUSED:
            return _refusal(message)
        case EventType.CREDIT_ACKNOWLEDGED:
            return _acknowledgement(message)
        case EventType.CREDIT_ADJUSTED:
            return _adjustment(message)
        case EventType.CREDIT_BALANCE:
            return _balance(message)
        case EventType.ORDER_REFUNDED:
            return _shop_refund(message)
        case EventType.PAYMENT_DISPUTED:
            return _dispute(message)
        case EventType.SUPPLIER_CHARGED:
            return _supplier_movement(message, "charged")
        case EventType.SUPPLIER_REFUNDED:
            return _supplier_movement(message, "refunded")
        case _:
            assert_never(kind)


def _customer(message: ShopMessage) -> Customer:
    fields = _fields(message.data)
    customer = Customer(
        named=fields.customer(),
        display_name=fields.text("customer_name", field_rules.spaced_name),
    )
    fields.refuse_bad()
    return customer


def _report(message: ShopMessage, *, now: datetime) -> OrderReport:
    values = JsonValues({**message.data, "updated_at": message.at})
    return read_report(values, line=0, now=now)


def _replacement(message: ShopMessage) -> Provided:
    fields = _fields(
        message.data, "request_id", "order_id", "phone", "service", "country", "list_price",
        "currency", "allotted_until",
    )  # fmt: skip
    currency = fields.text("currency", field_rules.currency)
    country_sent = fields.text("country", field_rules.country_sent)
    phone_sent = fields.text("phone", field_rules.phone_sent)
    provided = Provided(
        request_id=fields.text("request_id", _request_id),
        order_id=fields.text("order_id", field_rules.order_id),
        phone=phone_in(phone_sent),
        service="",
        country=country_in(country_sent),
        supplier=fields.text("supplier", field_rules.supplier),
        two_factor=fields.flag("two_factor"),
        list_price=fields.amount("list_price", field_rules.amount_in(currency)),
        currency=currency,
        purchased_at=message.at,
        allotted_until=fields.instant("allotted_until"),
        service_sent=fields.text("service", field_rules.service_sent),
        country_sent=country_sent,
        phone_sent=phone_sent,
    )
    if "allotted_until" not in fields.unread and provided.allotted_until <= message.at:
        fields.reasons.append("allotted_until must be after the event's timestamp")
    fields.refuse_bad()
    return provided


def _refusal(message: ShopMessage) -> Declined:
    fields = _fields(message.data, "request_id")
    declined = Declined(
        request_id=fields.text("request_id", _request_id),
        reason=fields.text("reason", _shortened),
    )
    fields.refuse_bad()
    return declined


def _acknowledgement(message: ShopMessage) -> Acknowledged:
    fields = _fields(message.data, "order_id", "amount", "currency")
    acknowledged = Acknowledged(
        fields.text("order_id", field_rules.order_id), *_amount_and_currency(fields)
    )
    fields.refuse_bad()
    return acknowledged


def _adjustment(message: ShopMessage) -> Adjusted:
    fields = _fields(message.data, "amount", "currency", "reason")
    currency = fields.text("currency", field_rules.currency)
    adjusted = Adjusted(
        customer=fields.customer(),
        amount=fields.amount("amount", field_rules.signed_amount_in(currency)),
        currency=currency,
        reason=fields.text("reason", field_rules.one_of(ADJUSTMENT_REASONS)),
    )
    fields.refuse_bad()
    return adjusted


def _balance(message: ShopMessage) -> BalanceTold:
    fields = _fields(message.data, "balance", "currency")
    told = BalanceTold(fields.customer(), *_amount_and_currency(fields, "balance"))
    fields.refuse_bad()
    return told


def _shop_refund(message: ShopMessage) -> Refunded:
    fields = _fields(message.data, "order_id")
    currency = fields.text("currency", field_rules.currency)
    has_amount = fields.values.has("amount")
    refunded = Refunded(
        order_id=fields.text("order_id", field_rules.order_id),
        amount=fields.amount("amount", field_rules.amount_in(currency)) if has_amount else None,
        currency=currency,
    )
    if has_amount and not currency and "currency" not in fields.unread:
        fields.reasons.append("currency is missing")
    fields.refuse_bad()
    return refunded


def _dispute(message: ShopMessage) -> Disputed:
    fields = _fields(message.data, "order_id")
    disputed = Disputed(
        order_id=fields.text("order_id", field_rules.order_id),
        reason=fields.text("reason", _shortened),
    )
    fields.refuse_bad()
    return disputed


def _supplier_movement(message: ShopMessage, kind: str) -> SupplierMoved:
    fields = _fields(message.data, "order_id", "amount", "currency")
    amount, currency = _amount_and_currency(fields)
    moved = SupplierMoved(
        order_id=fields.text("order_id", field_rules.order_id),
        kind=kind,
        amount=amount,
        currency=currency,
        supplier_order_id=fields.text("supplier_order_id", field_rules.no_longer_than(64)),
    )
    if "amount" not in fields.unread and not moved.amount:
        fields.reasons.append("amount must be more than 0")
    fields.refuse_bad()
    return moved


def _sms(message: ShopMessage) -> Sign:
    order_id, at = _happening(message, "received_at")
    return Sign(0, order_id, at, activation=Activation.SMS_RECEIVED, sms_received_at=at)


def _completion(message: ShopMessage) -> Sign:
    order_id, at = _happening(message, "completed_at")
    return Sign(0, order_id, at, activation=Activation.COMPLETED, completed_at=at)


def _cancellation(message: ShopMessage) -> Sign:
    order_id, at = _happening(message, "cancelled_at")
    return Sign(0, order_id, at, activation=Activation.CANCELLED)


def _two_factor(message: ShopMessage) -> Sign:
    fields = _fields(message.data, "order_id")
    order_id = fields.text("order_id", field_rules.order_id)
    fields.refuse_bad()
    return Sign(0, order_id, message.at, two_factor=True)


def _happening(message: ShopMessage, name: str) -> tuple[str, datetime]:
    """Return the order's id and the instant in the field `name`, or the message's own time."""
    fields = _fields(message.data, "order_id")
    order_id = fields.text("order_id", field_rules.order_id)
    at = fields.instant_or_none(name) or message.at
    if at > message.at:
        fields.reasons.append(f"{name} must not be after the event's timestamp")
    fields.refuse_bad()
    return order_id, at


def _fields(data: Mapping[str, object], *required: str) -> Fields:
    return Fields(JsonValues(data), required=frozenset(required))


def _amount_and_currency(fields: Fields, name: str = "amount") -> tuple[Decimal, str]:
    """Return an amount that isn't negative, in the digits of its currency, and the currency."""
    currency = fields.text("currency", field_rules.currency)
    return fields.amount(name, field_rules.amount_in(currency)), currency


def _request_id(text: str) -> str:
    if not REQUEST_ID.fullmatch(text):
        raise ValueError(f"is missing, or is not like {REQUEST_ID.pattern}")
    return text


def _shortened(reason: str) -> str:
    return " ".join(reason.split())[:MOST_OF_A_REASON]


def _matching(pattern: re.Pattern[str], name: str, value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadRow([f"{name} is missing, or is not like {pattern.pattern}"])
    return value


def _is_storable(value: object, depth: int = 0) -> bool:
    """Return True if PostgreSQL accepts the value as JSON and it isn't nested too deeply."""
    if depth > DEEPEST:
        return False
    if isinstance(value, str):
        return not UNREADABLE.search(value)
    if isinstance(value, dict):
        return all(_is_storable(part, depth + 1) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return all(_is_storable(part, depth + 1) for part in value)
    return not isinstance(value, float) or abs(value) < float("inf")
