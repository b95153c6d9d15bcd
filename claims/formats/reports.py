"""What the shop reports on an order."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple


class Bought(NamedTuple):
    """What was bought, by whom: the same in every report on one order."""

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
    """One report of the shop: all it says of one order at `updated_at`. Instants are in UTC."""

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
    """One thing that the shop says of an order at `at`, and nothing else. Instants are in UTC."""

    line: int
    order_id: str
    at: datetime
    activation: str = ""
    """Empty: this says nothing of it."""
    two_factor: bool = False
    sms_received_at: datetime | None = None
    completed_at: datetime | None = None
