"""The contents of the shop's events: their subjects, what they wait for, and their kinds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Self, assert_never

from accounts.customers import Mention, Named
from claims.actions.orders.arrivals import Touched
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


class Subject(NamedTuple):
    """The order and the customer that an event is about."""

    shop_order_id: str = ""
    customer_id: str = ""
    customer_email: str = ""
    customer_name: str = ""


def subject_of(contents: Contents) -> Subject:
    match contents:
        case Customer():
            return Subject("", *contents.named, contents.display_name)
        case OrderReport():
            return Subject(contents.order_id, *contents.customer, contents.customer_name)
        case Sign() | Acknowledged() | Provided() | Refunded() | Disputed() | SupplierMoved():
            return Subject(contents.order_id)
        case Adjusted() | BalanceTold():
            return Subject("", *contents.customer)
        case Declined():
            return Subject()
        case _:
            assert_never(contents)


def awaited_order(contents: Contents) -> str:
    """Return the shop's id of the order that must exist before the event is applied, or ''."""
    match contents:
        case OrderReport() | Sign() | Acknowledged() | Refunded() | Disputed() | SupplierMoved():
            return contents.order_id
        case Customer() | Provided() | Declined() | Adjusted() | BalanceTold():
            return ""
        case _:
            assert_never(contents)


@dataclass
class Told:
    """The contents of events by kind. The key, also a report's line, is the event's primary key."""

    reports: list[OrderReport] = field(default_factory=list)
    signs: list[Sign] = field(default_factory=list)
    acknowledged: dict[int, Acknowledged] = field(default_factory=dict)
    provided: dict[int, Provided] = field(default_factory=dict)
    declined: dict[int, Declined] = field(default_factory=dict)
    adjusted: dict[int, Adjusted] = field(default_factory=dict)
    balances: dict[int, BalanceTold] = field(default_factory=dict)
    refunded: dict[int, Refunded] = field(default_factory=dict)
    disputed: dict[int, Disputed] = field(default_factory=dict)
    supplier_moved: dict[int, SupplierMoved] = field(default_factory=dict)
    customers: dict[int, Customer] = field(default_factory=dict)
    awaited_orders: dict[int, str] = field(default_factory=dict)
    """The shop's ids of the orders that must exist before an event is applied."""

    @classmethod
    def by(cls, events: Mapping[int, Contents]) -> Self:
        told = cls()
        for pk, contents in events.items():
            told._sort(pk, contents)
            if order_id := awaited_order(contents):
                told.awaited_orders[pk] = order_id
        return told

    def touched(self, at: Mapping[int, datetime], owners: Collection[int]) -> Touched:
        """Return what the events change besides the orders that they report on.

        `at` has the events' times, and `owners` are the customers of the requests that they answer.
        """
        orders = {each.order_id for each in self.refunded.values()}
        mentions = [Mention(named, self._name_of(pk), at[pk]) for pk, named in self.named.items()]
        return Touched(frozenset(orders), tuple(mentions), frozenset(owners))

    @property
    def named(self) -> dict[int, Named]:
        """Return the customers whom events are about that aren't about an order."""
        told = {pk: each.customer for pk, each in self.adjusted.items()}
        told |= {pk: each.customer for pk, each in self.balances.items()}
        return told | {pk: each.named for pk, each in self.customers.items()}

    def _name_of(self, pk: int) -> str:
        return self.customers[pk].display_name if pk in self.customers else ""

    @property
    def request_ids(self) -> set[str]:
        provided = {reply.request_id for reply in self.provided.values()}
        return provided | {reply.request_id for reply in self.declined.values()}

    def _sort(self, pk: int, contents: Contents) -> None:  # noqa: C901 - a case for each kind
        match contents:
            case Customer():
                self.customers[pk] = contents
            case OrderReport():
                self.reports.append(contents._replace(line=pk))
            case Sign():
                self.signs.append(contents._replace(line=pk))
            case Acknowledged():
                self.acknowledged[pk] = contents
            case Provided():
                self.provided[pk] = contents
            case Declined():
                self.declined[pk] = contents
            case Adjusted():
                self.adjusted[pk] = contents
            case BalanceTold():
                self.balances[pk] = contents
            case Refunded():
                self.refunded[pk] = contents
            case Disputed():
                self.disputed[pk] = contents
            case SupplierMoved():
                self.supplier_moved[pk] = contents
            case _:
                assert_never(contents)
