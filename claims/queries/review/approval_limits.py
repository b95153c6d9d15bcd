"""The approval limit, above which two people must approve a payment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, auto

from accounts.models import User
from claims.models import ApprovalLimit, Claim, Decision, Order


class Turn(Enum):
    """A person's turn among the people whom a payment needs."""

    LAST = auto()
    """The person pays, alone or as the second."""
    FIRST = auto()
    """Another person has to approve after them."""
    PAST = auto()
    """The person was the first already."""


def approval_limits() -> Mapping[str, ApprovalLimit]:
    """Return the limits up to which one person pays alone, by currency."""
    return {limit.currency: limit for limit in ApprovalLimit.objects.all()}


def exceeded_limit(
    order: Order, amount: Decimal, *, limits: Mapping[str, ApprovalLimit] | None = None
) -> ApprovalLimit | None:
    """Return the limit that this amount exceeds, or None; `limits` saves the query for them."""
    limit = (approval_limits() if limits is None else limits).get(order.currency)
    return limit if limit and amount > limit.amount else None


def turn_of(
    claim: Claim,
    outcome: Decision.Outcome,
    amount: Decimal,
    *,
    by: User,
    limits: Mapping[str, ApprovalLimit] | None = None,
) -> Turn:
    """Return the turn of `by` if they pay this amount for a claim."""
    if exceeded_limit(claim.order, amount, limits=limits) is None:
        return Turn.LAST
    first = claim.approval
    if first is None or (first.outcome, first.amount) != (outcome, amount):
        return Turn.FIRST
    return Turn.PAST if first.by_id == by.pk else Turn.LAST
