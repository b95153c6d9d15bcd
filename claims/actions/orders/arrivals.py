"""Orders on their way in, and the results of the reports that brought them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from claims.actions.orders.merge import (
    Course,
)
from claims.models import Order


@dataclass
class Arrivals:
    """The result of some reports: counts, and refused lines with their reasons."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    customers: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    uncovered: set[int] = field(default_factory=set)
    """The refused lines that another credit balance would let in."""


@dataclass(kw_only=True)
class Arrival:
    """One order on its way in: its row, stored or new, and the merge of its reports."""

    order: Order
    course: Course
    lines: Sequence[int]
    is_new: bool
    is_due_for_return: bool
    is_changed: bool = False

    @property
    def purse(self) -> tuple[str, str]:
        return self.course.bought.customer_email, self.order.currency

    @property
    def is_top_up(self) -> bool:
        return self.order.product == Order.Product.TOP_UP

    @property
    def cost(self) -> Decimal:
        """The credit that the customer needs at the purchase."""
        return self.order.price if self.is_new and not self.is_top_up else Decimal(0)

    @property
    def gain(self) -> Decimal:
        """The credit that the order adds: a top-up's price, or a price that goes back."""
        gives = self.is_new if self.is_top_up else self.is_due_for_return
        return self.order.refundable if gives else Decimal(0)

    @property
    def turn(self) -> tuple[bool, datetime, str]:
        """The sort key: arrivals that cost nothing, then purchases by their time.

        From the first purchase on, a balance therefore only falls. A purchase that it didn't cover
        isn't covered either when the same reports come again.
        """
        return self.cost > 0, self.order.purchased_at, self.order.shop_id
