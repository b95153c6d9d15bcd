"""The people who may not do to a claim what others may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from accounts.models import User
from claims.models import Claim, Decision
from claims.queries.core.claim_actions import Exclusion
from claims.queries.review.approval_limits import Turn, turn_of
from claims.queries.review.free_claims import judged_among
from claims.queries.review.replacements import requested_replacement


def exclusions_of(
    claim: Claim, by: User, *, among: Iterable[Exclusion] = Exclusion
) -> list[Exclusion]:
    """Return the exclusions that hold for this claim and this person, in the order given."""
    return [exclusion for exclusion in among if is_excluded(claim, by, exclusion)]


def is_excluded(claim: Claim, by: User, exclusion: Exclusion) -> bool:
    match exclusion:
        case Exclusion.OWN_CLAIM:
            return claim.order.customer_id == by.pk
        case Exclusion.JUDGED_BEFORE:
            return bool(judged_among([claim.pk], by=by))
        case Exclusion.REPLACEMENT_REQUESTED:
            return requested_replacement(claim) is not None
        case Exclusion.SECOND_REPLACEMENT:
            return bool(claim.order.replaces_id) and not by.has_perm("claims.replace_again")
        case Exclusion.FIRST_OF_TWO:
            return _was_first(claim, by)
        case _:
            assert_never(exclusion)


def _was_first(claim: Claim, by: User) -> bool:
    """Return whether this person has approved the price first; goodwill depends on its amount."""
    if claim.approval is None:
        return False
    price = claim.order.refundable
    return turn_of(claim, Decision.Outcome.REFUND, price, by=by) == Turn.PAST
