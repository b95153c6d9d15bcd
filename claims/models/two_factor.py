"""Whether a number is protected by 2FA: the customer, staff or the shop say so; one is enough."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from claims.models.number import Number

IS_PROTECTED: Final = (
    Q(customer_two_factor=True) | Q(staff_two_factor=True) | Q(order__number__two_factor=True)
)
"""Of a claim."""


def is_protected(number: Number | None, *, customer: bool, staff: bool) -> bool:
    return customer or staff or bool(number and number.two_factor)


def two_factor_sql(*, claim: str, number: str) -> str:
    """The same in SQL, of a claim and its number, which may be absent, by their names."""
    said = (f"{claim}.customer_two_factor", f"{claim}.staff_two_factor")
    return " OR ".join((*said, f"coalesce({number}.two_factor, false)"))
