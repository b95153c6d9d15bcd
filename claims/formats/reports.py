"""The shop's reports on an order."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple


class Bought(NamedTuple):
    """The purchase and its customer, which are the same in every report on one order."""

    customer_email: str
    product: str
    channel: str
    price: Decimal
    currency: str
    purchased_at: datetime
    phone: str
    service: str
    country: str


class OrderReport(NamedTuple):
    """One full report of the shop on one order at `updated_at`. Instants are in UTC."""

    line: int
    order_id: str
    customer_email: str
    customer_name: str
    product: str
    service: str
    country: str
    phone: str
    supplier: str
    two_factor: bool
    channel: str
    price: Decimal
    currency: str
    purchased_at: datetime
    allotted_until: datetime | None
    activation: str
    sms_received_at: datetime | None
    completed_at: datetime | None
    updated_at: datetime

    @property
    def bought(self) -> Bought:
        return Bought(*(getattr(self, name) for name in Bought._fields))


class Sign(NamedTuple):
    """A single change of an order that the shop reports, at `at`. Instants are in UTC."""

    line: int
    order_id: str
    at: datetime
    activation: str = ""
    """Empty if the change isn't about the activation."""
    two_factor: bool = False
    sms_received_at: datetime | None = None
    completed_at: datetime | None = None
