"""The approval limit: above it, it takes two people to pay."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, auto

from accounts.models import User
from claims.models import ApprovalLimit, Claim, Decision, Order


class Turn(Enum):
    """Where a person stands among those that a payment takes."""

    LAST = auto()
    """They pay: alone, or as the second."""
    FIRST = auto()
    """Somebody else has to approve it after them."""
    PAST = auto()
    """They were the first already."""


def approval_limits() -> Mapping[str, ApprovalLimit]:
    """What one person pays alone, by currency."""
    return {limit.currency: limit for limit in ApprovalLimit.objects.all()}


def exceeded_limit(
    order: Order, amount: Decimal, *, limits: Mapping[str, ApprovalLimit] | None = None
) -> ApprovalLimit | None:
    """The limit that this amount is above; `limits` are the `approval_limits`, if at hand."""
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
    """Where `by` stands, paying this amount of a claim's price."""
    if exceeded_limit(claim.order, amount, limits=limits) is None:
        return Turn.LAST
    first = claim.approval
    if first is None or (first.outcome, first.amount) != (outcome, amount):
        return Turn.FIRST
    return Turn.PAST if first.by_id == by.pk else Turn.LAST
