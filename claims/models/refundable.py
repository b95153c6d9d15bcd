"""How much can go back for an order: its value, if it replaces another one, or else its price."""

from __future__ import annotations

from decimal import Decimal

from django.db.models.functions import Coalesce


def refundable_of(*, value: Decimal | None, price: Decimal) -> Decimal:
    return price if value is None else value


def refundable(to_order: str = "") -> Coalesce:
    """The same as an expression. `to_order` is the path to the order, such as `claim__order__`."""
    return Coalesce(f"{to_order}value", f"{to_order}price")


def refundable_sql(table: str) -> str:
    """The same in SQL, of an order by the name that the statement gives it."""
    return f"coalesce({table}.value, {table}.price)"
