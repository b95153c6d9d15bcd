"""The shop's reports on an order.

A service, a country and a phone number stand there twice: as the portal knows them, or '' if it
doesn't, and as they were sent.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from claims.formats.folding import folded


class Sold(NamedTuple):
    """The number that was sold, as the portal knows it and as it was sent."""

    service: str
    country: str
    phone: str
    service_sent: str
    country_sent: str
    phone_sent: str


class Bought(NamedTuple):
    """The purchase and its customer, which are the same in every report on one order.

    An unknown phone number, service or country is here as it was sent, folded.
    """

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
    service_sent: str = ""
    country_sent: str = ""
    phone_sent: str = ""

    @property
    def sold(self) -> Sold:
        return Sold(*(getattr(self, name) for name in Sold._fields))

    @property
    def bought(self) -> Bought:
        return Bought(
            customer_email=self.customer_email,
            product=self.product,
            channel=self.channel,
            price=self.price,
            currency=self.currency,
            purchased_at=self.purchased_at,
            phone=self.phone or folded(self.phone_sent),
            service=self.service or folded(self.service_sent),
            country=self.country or folded(self.country_sent),
        )


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
