"""Orders on their way in, and the results of the reports that brought them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nsmallest
from typing import Final, NamedTuple

from accounts.customers import Mention
from claims.actions.orders.merge import Course, shown
from claims.formats.reports import Buyer
from claims.models import Order

MOST_CHANGES: Final = 20
# Columns under the names that files have for them.
NAMES: Final = {"described_at": "updated_at", "reported_at": "updated_at"}


class OrderChange(NamedTuple):
    """The changes of one known order, each as `field: old → new`."""

    line: int
    order_id: str
    fields: tuple[str, ...]


def first_changes(changes: Iterable[OrderChange]) -> list[OrderChange]:
    """Return the changes of the first lines, as many as a person reads."""
    return nsmallest(MOST_CHANGES, changes)


class Touched(NamedTuple):
    """The orders, by the shop's ids, and the customers' credit that the caller changes later."""

    orders: frozenset[str] = frozenset()
    customers: tuple[Mention, ...] = ()
    owners: frozenset[int] = frozenset()
    """Primary keys of customers."""


@dataclass
class Arrivals:
    """The result of some reports: counts, and refused lines with their reasons."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    customers: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    unclear: list[tuple[int, str]] = field(default_factory=list)
    """Lines of which nobody can tell whose they are, each with a sentence that says why."""
    changes: list[OrderChange] = field(default_factory=list)
    """The first changes of known orders, by line."""


@dataclass(kw_only=True)
class Arrival:
    """One order on its way in: its row, stored or new, and the merge of its reports."""

    order: Order
    course: Course
    lines: Sequence[int]
    is_new: bool
    is_changed: bool = False
    changes: dict[str, str] = field(default_factory=dict)
    """The changed fields, each with its old and its new value."""

    def note(self, name: str, old: object, new: object) -> None:
        """Note that a field changes."""
        told = NAMES.get(name, name)
        self.changes[told] = f"{told}: {shown(old)} → {shown(new)}"
        self.is_changed = True

    @property
    def change(self) -> OrderChange:
        return OrderChange(min(self.lines), self.order.shop_id, tuple(self.changes.values()))

    @property
    def buyer(self) -> Buyer:
        return self.course.bought.buyer
