"""The conversion of a row's or an event's fields into an `OrderReport`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Final

from claims.formats import field_rules
from claims.formats.countries import country_in
from claims.formats.field_rules import CLOCK_SKEW
from claims.formats.fields import Fields, Values
from claims.formats.phone_numbers import phone_in
from claims.formats.reports import OrderReport
from claims.policy import Activation, Product

# Fields that end in `_sent` repeat others, as they were sent.
COLUMNS: Final = tuple(
    name
    for name in OrderReport._fields
    if name not in ("line", "user_id") and not name.endswith("_sent")
)

REQUIRED: Final = frozenset(
    {"order_id", "product", "channel", "price", "currency", "purchased_at"} | {"updated_at"}
)
OF_A_NUMBER: Final = ("service", "country", "phone", "allotted_until", "activation")
# The instants that an activation needs.
INSTANT_OF: Final[Mapping[str, tuple[str, ...]]] = {
    Activation.SMS_RECEIVED: ("sms_received_at",),
    Activation.COMPLETED: ("completed_at",),
}
NEVER_OF_A_TOP_UP: Final = (
    *OF_A_NUMBER, "supplier", "supplier_order_id", "supplier_cost", "sms_received_at",
    "completed_at",
)  # fmt: skip
INSTANTS: Final = (
    "purchased_at", "allotted_until", "sms_received_at", "completed_at", "updated_at",
)  # fmt: skip


def read_report(values: Values, *, line: int, now: datetime) -> OrderReport:
    """Return the report that these values make. Raises `BadRow` with every reason against it.

    The service stays ''; the catalogue resolves it when the order arrives.
    """
    fields = Fields(values, required=REQUIRED)
    currency = fields.text("currency", field_rules.currency)
    country_sent = fields.text("country", field_rules.country_sent)
    phone_sent = fields.text("phone", field_rules.phone_sent)
    customer = fields.customer()
    report = OrderReport(
        line=line,
        order_id=fields.text("order_id", field_rules.order_id),
        customer_id=customer.customer_id,
        customer_email=customer.email,
        customer_name=fields.text("customer_name", field_rules.customer_name),
        product=fields.text("product", field_rules.product),
        service="",
        country=country_in(country_sent),
        phone=phone_in(phone_sent),
        supplier=fields.text("supplier", field_rules.supplier),
        supplier_order_id=fields.text("supplier_order_id", field_rules.supplier_order_id),
        supplier_cost=fields.amount_or_none("supplier_cost", field_rules.amount_in(currency)),
        two_factor=fields.flag("two_factor"),
        channel=fields.text("channel", field_rules.channel),
        price=fields.amount("price", field_rules.amount_in(currency)),
        currency=currency,
        purchased_at=fields.instant("purchased_at"),
        allotted_until=fields.instant_or_none("allotted_until"),
        activation=fields.text("activation", field_rules.activation),
        sms_received_at=fields.instant_or_none("sms_received_at"),
        completed_at=fields.instant_or_none("completed_at"),
        updated_at=fields.instant("updated_at"),
        service_sent=fields.text("service", field_rules.service_sent),
        country_sent=country_sent,
        phone_sent=phone_sent,
    )
    times = {name: getattr(report, name) for name in INSTANTS if name not in fields.unread}
    fields.reasons += [*_misplaced(report, values, fields.unread), *_impossible(times, now=now)]
    fields.refuse_bad()
    return report


def _misplaced(report: OrderReport, values: Values, unread: Collection[str]) -> Iterator[str]:
    """Yield a reason for each field that the product needs but lacks, or has but must not have."""
    if report.product == Product.NUMBER:
        for name in (*OF_A_NUMBER, *INSTANT_OF.get(report.activation, ())):
            if not values.has(name):
                yield f"{name} is missing"
    elif report.product == Product.TOP_UP:
        for name in NEVER_OF_A_TOP_UP:
            if values.has(name):
                yield f"{name} must be empty for a top-up"
        yield from _impossible_top_up(report, unread)


def _impossible_top_up(report: OrderReport, unread: Collection[str]) -> Iterator[str]:
    if report.two_factor:
        yield "two_factor must be false for a top-up"
    if "price" not in unread and not report.price:
        yield "price must be more than 0 for a top-up"


def _impossible(times: Mapping[str, datetime | None], *, now: datetime) -> Iterator[str]:
    """Yield the reasons why the instants that could be read can't be true together."""
    updated_at, purchased_at = times.get("updated_at"), times.get("purchased_at")
    for name in ("purchased_at", "sms_received_at", "completed_at"):
        time = times.get(name)
        if time and updated_at and time > updated_at:
            yield f"{name} must not be after updated_at"
        if time and purchased_at and time < purchased_at:
            yield f"{name} must not be before purchased_at"
    allotted_until = times.get("allotted_until")
    if allotted_until and purchased_at and allotted_until <= purchased_at:
        yield "allotted_until must be after purchased_at"
    if updated_at and updated_at > now + CLOCK_SKEW:
        yield "updated_at is in the future"
