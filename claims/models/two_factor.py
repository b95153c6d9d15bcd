"""The 2FA protection of a number. It is protected if the customer, staff or the shop says so."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from claims.models.number import Number

IS_PROTECTED: Final = (
    Q(customer_two_factor=True) | Q(staff_two_factor=True) | Q(order__number__two_factor=True)
)
"""The condition for claims on protected numbers."""


def is_protected(number: Number | None, *, customer: bool, staff: bool) -> bool:
    return customer or staff or bool(number and number.two_factor)


def two_factor_sql(*, claim: str, number: str) -> str:
    """Return the condition in SQL, for the aliases of a claim and of its number (may be absent)."""
    said = (f"{claim}.customer_two_factor", f"{claim}.staff_two_factor")
    return " OR ".join((*said, f"coalesce({number}.two_factor, false)"))
