"""The amount that can go back for an order: the value of a replacement, else the price."""

from __future__ import annotations

from decimal import Decimal

from django.db.models.functions import Coalesce


def refundable_of(*, value: Decimal | None, price: Decimal) -> Decimal:
    return price if value is None else value


def refundable(to_order: str = "") -> Coalesce:
    """Return it as an expression; `to_order` is the path to the order, such as `claim__order__`."""
    return Coalesce(f"{to_order}value", f"{to_order}price")


def refundable_sql(table: str) -> str:
    """Return the amount in SQL, for the statement's alias of the order."""
    return f"coalesce({table}.value, {table}.price)"
