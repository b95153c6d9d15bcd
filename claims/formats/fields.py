"""The fields of a row or an event, read one by one, with every reason why one can't be read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Protocol, TypeVar

from accounts.customers import Named
from claims.formats import field_rules
from claims.formats.field_rules import TextRule

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
Value = TypeVar("Value", str, bool, Decimal, datetime)


class BadRow(Exception):
    """A row or an event can't be read; `reasons` holds all reasons."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


class Values(Protocol):
    """Named values from a file or an event. A method raises `ValueError` for another type."""

    def has(self, name: str) -> bool: ...
    def text(self, name: str) -> str: ...
    def flag(self, name: str) -> bool: ...
    def amount(self, name: str) -> Decimal: ...
    def instant(self, name: str) -> datetime: ...


class Fields:
    """Values checked by their rules. `reasons` lists the faults of those that were read so far.

    An absent field is read as empty, 0 or `LONG_AGO`, and so is a wrong one, which joins `unread`.
    """

    def __init__(self, values: Values, *, required: frozenset[str] = frozenset()) -> None:
        self.values = values
        self.required = required
        self.reasons: list[str] = []
        self.unread: set[str] = set()

    def text(self, name: str, rule: TextRule) -> str:
        return self._read(name, self.values.text, rule) or ""

    def customer(self) -> Named:
        """Return the customer by `customer_id`, `customer_email` or both. One must be there."""
        if not self.values.has("customer_id") and not self.values.has("customer_email"):
            self.reasons.append("customer_email is missing, and customer_id, too")
        customer_id = self.text("customer_id", field_rules.customer_id)
        email = self.text("customer_email", field_rules.email)
        if "customer_email" in self.unread:
            self.reasons[-1] += "; leave it empty for a customer without one, and give customer_id"
        return Named(customer_id, email)

    def flag(self, name: str) -> bool:
        return self._read(name, self.values.flag, bool) or False

    def amount(self, name: str, rule: Callable[[Decimal], Decimal]) -> Decimal:
        amount = self.amount_or_none(name, rule)
        return Decimal(0) if amount is None else amount

    def amount_or_none(self, name: str, rule: Callable[[Decimal], Decimal]) -> Decimal | None:
        return self._read(name, self.values.amount, rule)

    def instant(self, name: str) -> datetime:
        return self.instant_or_none(name) or LONG_AGO

    def instant_or_none(self, name: str) -> datetime | None:
        return self._read(name, self.values.instant, field_rules.instant)

    def refuse_bad(self) -> None:
        """Raise `BadRow` if anything is wrong."""
        if self.reasons:
            raise BadRow(self.reasons)

    def _read(
        self, name: str, read: Callable[[str], Value], rule: Callable[[Value], Value]
    ) -> Value | None:
        try:
            if self.values.has(name):
                return rule(read(name))
            if name in self.required:
                raise ValueError("is missing")
        except ValueError as error:
            self.reasons.append(f"{name} {error}")
            self.unread.add(name)
        return None
