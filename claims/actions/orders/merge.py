"""The merge of several reports on one order into one. It uses no database.

The result is a function of the set of reports: their order and their repetition change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from claims.formats.reports import Bought, OrderReport, Sign, Sold, Supplied
from claims.models import Order

Activation = Order.Activation
LONG_AGO = datetime.min.replace(tzinfo=UTC)
CANCELLATIONS = (Activation.CANCELLED, Activation.TIMED_OUT)

# The rank of each activation. The higher rank wins between two reports of the same instant.
PROGRESS = {
    "": 0,
    Activation.WAITING: 1,
    Activation.SMS_RECEIVED: 2,
    Activation.TIMED_OUT: 3,
    Activation.CANCELLED: 4,
    Activation.BANNED: 5,
    Activation.COMPLETED: 6,
}


@dataclass(frozen=True, kw_only=True)
class Course:
    """The state of one order after the merge of all reports on it."""

    bought: Bought
    sold: Sold
    """The number in the spelling of the earliest report."""
    customer_name: str
    supplied: Supplied
    two_factor: bool
    allotted_until: datetime | None
    activation: str
    sms_received_at: datetime | None
    completed_at: datetime | None
    reported_at: datetime
    described_at: datetime
    """The time of the report that the supplier and the allotted time are from."""
    cancelled_at: datetime | None


def earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)


def report_of(order: Order) -> OrderReport:
    """Return a stored order as if it were one more report, on line 0.

    The activation is empty here and part of `sign_of`, because another report may have set it.
    """
    number = order.number
    return OrderReport(
        line=0,
        order_id=order.shop_id,
        customer_id="",
        customer_email=order.customer.email.lower(),
        customer_name="",
        product=order.product,
        service=(number.service_id if number else "") or "",
        country=number.country if number else "",
        phone=number.phone if number else "",
        supplier=number.supplier if number else "",
        supplier_order_id=number.supplier_order_id if number else "",
        supplier_cost=number.supplier_cost if number else None,
        two_factor=bool(number and number.two_factor),
        channel=order.channel,
        price=order.price,
        currency=order.currency,
        purchased_at=order.purchased_at,
        allotted_until=order.allotted_until,
        activation="",
        sms_received_at=order.sms_received_at,
        completed_at=order.completed_at,
        updated_at=order.described_at or order.reported_at,
        service_sent=number.service_sent if number else "",
        country_sent=number.country_sent if number else "",
        phone_sent=number.phone_sent if number else "",
        user_id=order.customer_id,
    )


def sign_of(order: Order) -> Sign:
    """Return the activation of the stored order, and the time of its report, as a sign."""
    return Sign(line=0, order_id=order.shop_id, at=order.reported_at, activation=order.activation)


def as_given(report: OrderReport, order: Order) -> OrderReport:
    """Return a report on a replacement with what we recorded of the purchase.

    The customer paid nothing for it, whatever price the shop's record has.
    """
    return report._replace(
        price=order.price, purchased_at=order.purchased_at, channel=order.channel
    )


def oldest(reports: Sequence[OrderReport]) -> OrderReport:
    """Return the report that settles what was bought, for an order that isn't stored yet."""
    return min(reports, key=lambda report: (report.updated_at, report.bought))


def merge(
    reports: Sequence[OrderReport], signs: Sequence[Sign] = (), *, stored: Order | None = None
) -> Course:
    """Merge one or more reports that agree on the purchase, and any signs, into a `Course`."""
    described = max(reports, key=_newness)
    names = [report for report in reports if report.customer_name]
    named = max(names, key=lambda r: (r.updated_at, r.customer_name), default=described)
    told = [_sign_in(report) for report in reports] + list(signs)
    cancelled = [sign.at for sign in told if sign.activation in CANCELLATIONS]
    if stored:
        # The activation may be a cancellation of our own, which isn't one of the shop's.
        told.append(sign_of(stored))
    newest = max(filter(_tells_progress, told), key=_progress, default=_sign_in(described))
    completed_at = earliest(*(sign.completed_at for sign in told))
    return Course(
        bought=described.bought,
        sold=min((report.updated_at, report.sold) for report in reports)[1],
        customer_name=named.customer_name,
        supplied=described.supplied,
        two_factor=any(sign.two_factor for sign in told),
        allotted_until=described.allotted_until,
        activation=_not_undone(newest.activation, completed_at),
        sms_received_at=earliest(*(sign.sms_received_at for sign in told)),
        completed_at=completed_at,
        reported_at=newest.at,
        described_at=described.updated_at,
        cancelled_at=earliest(*cancelled, stored.cancelled_at if stored else None),
    )


def _newness(report: OrderReport) -> tuple[object, ...]:
    supplier, supplier_order_id, supplier_cost = report.supplied
    return (
        report.updated_at,
        PROGRESS[report.activation],
        report.allotted_until or LONG_AGO,
        supplier,
        supplier_order_id,
        -1 if supplier_cost is None else supplier_cost,
    )


def _sign_in(report: OrderReport) -> Sign:
    return Sign(
        line=report.line,
        order_id=report.order_id,
        at=report.updated_at,
        activation=report.activation,
        two_factor=report.two_factor,
        sms_received_at=report.sms_received_at,
        completed_at=report.completed_at,
    )


def _tells_progress(sign: Sign) -> bool:
    return bool(sign.activation)


def _progress(sign: Sign) -> tuple[datetime, int]:
    return sign.at, PROGRESS[sign.activation]


def _not_undone(activation: str, completed_at: datetime | None) -> str:
    """Return the activation, but keep an order completed that gets one more SMS."""
    if activation == Activation.SMS_RECEIVED and completed_at:
        return Activation.COMPLETED
    return activation


def disagreement(report: OrderReport, known: OrderReport) -> str:
    """Return the fields in which a report contradicts the purchase, with both values, or ''."""
    fields = zip(Bought._fields, report.bought, known.bought, strict=True)
    pairs = [(name, here, before) for name, here, before in fields if name != "buyer"]
    if report.bought.buyer != known.bought.buyer:
        pairs.insert(0, _customers(report, known))
    return "; ".join(
        f"{name} can't change: {shown(here)} here, {shown(before)} before"
        for name, here, before in pairs
        if here != before
    )


def _customers(report: OrderReport, known: OrderReport) -> tuple[str, str, str]:
    """Return how a report names a customer, and both names of two different customers."""
    if report.customer_id:
        return "customer_id", report.customer_id, known.customer_id or "another customer's"
    return "customer_email", report.customer_email, known.customer_email or "another customer's"


def shown(value: object) -> str:
    """Return a field's value as reasons and summaries show it."""
    if value is None or value == "":
        return "nothing"
    return value.isoformat() if isinstance(value, datetime) else str(value)
