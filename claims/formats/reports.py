"""The shop's reports on an order.

A service, a country and a phone number stand there twice: as the portal knows them, or '' if it
doesn't, and as they were sent.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from accounts.customers import Named
from claims.formats.folding import folded


class Sold(NamedTuple):
    """The number that was sold, as the portal knows it and as it was sent."""

    service: str
    country: str
    phone: str
    service_sent: str
    country_sent: str
    phone_sent: str


class Supplied(NamedTuple):
    """The supplier of a number, its id of the order, and its price in the order's currency."""

    supplier: str
    supplier_order_id: str = ""
    supplier_cost: Decimal | None = None


class Buyer(NamedTuple):
    """A recognised customer by their primary key, or a new one, with 0 as key, by their address."""

    user_id: int
    new_email: str


class Bought(NamedTuple):
    """The purchase and its customer, which are the same in every report on one order.

    An unknown phone number, service or country is here as it was sent, folded.
    """

    buyer: Buyer
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
    customer_id: str = ""
    supplier_order_id: str = ""
    supplier_cost: Decimal | None = None
    user_id: int = 0
    """The primary key of the recognised customer, or 0."""

    @property
    def customer(self) -> Named:
        return Named(self.customer_id, self.customer_email)

    @property
    def sold(self) -> Sold:
        return Sold(*(getattr(self, name) for name in Sold._fields))

    @property
    def supplied(self) -> Supplied:
        return Supplied(self.supplier, self.supplier_order_id, self.supplier_cost)

    @property
    def bought(self) -> Bought:
        return Bought(
            buyer=Buyer(self.user_id, "" if self.user_id else self.customer_email),
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
