"""Orders on their way in, and the results of the reports that brought them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from claims.actions.orders.merge import Course
from claims.models import Order


@dataclass
class Arrivals:
    """The result of some reports: counts, and refused lines with their reasons."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    customers: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


@dataclass(kw_only=True)
class Arrival:
    """One order on its way in: its row, stored or new, and the merge of its reports."""

    order: Order
    course: Course
    lines: Sequence[int]
    is_new: bool
    is_changed: bool = False

    @property
    def customer_email(self) -> str:
        return self.course.bought.customer_email
