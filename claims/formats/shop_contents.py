"""The contents of the shop's events, one type for each kind."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from accounts.customers import Named
from claims.formats.reports import OrderReport, Sign, Sold


class Customer(NamedTuple):
    """A customer, and their name for people or ''."""

    named: Named
    display_name: str


class Acknowledged(NamedTuple):
    """The amount that the shop says it has credited for an order's return."""

    order_id: str
    amount: Decimal
    currency: str


class Provided(NamedTuple):
    """The order of a number with which the shop replaces another one."""

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
    service_sent: str = ""
    country_sent: str = ""
    phone_sent: str = ""

    @property
    def sold(self) -> Sold:
        return Sold(*(getattr(self, name) for name in Sold._fields))


class Declined(NamedTuple):
    """The shop has no number for a request."""

    request_id: str
    reason: str


class Adjusted(NamedTuple):
    """Credit that the shop gave or took itself; `amount` is negative for what it took."""

    customer: Named
    amount: Decimal
    currency: str
    reason: str
    """One of `ADJUSTMENT_REASONS`."""


class BalanceTold(NamedTuple):
    """The shop's own figure for a customer's balance."""

    customer: Named
    balance: Decimal
    currency: str


class Refunded(NamedTuple):
    """An order whose price, or a part of it, the shop itself gave back."""

    order_id: str
    amount: Decimal | None
    """None: the whole price."""
    currency: str


class Disputed(NamedTuple):
    """A top-up whose payment the customer disputes with their bank."""

    order_id: str
    reason: str


class SupplierMoved(NamedTuple):
    """Money between the shop and its supplier for an order."""

    order_id: str
    kind: str
    """`charged` for what the supplier took, `refunded` for what it gave back."""
    amount: Decimal
    currency: str
    supplier_order_id: str


Contents = (
    Customer
    | OrderReport
    | Sign
    | Acknowledged
    | Provided
    | Declined
    | Adjusted
    | BalanceTold
    | Refunded
    | Disputed
    | SupplierMoved
)
