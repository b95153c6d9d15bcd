"""Columns of a claim that repeat what its evidence and its verdict say, for lists and searches."""

from collections.abc import Collection

from claims.actions.core.locks import lock_open_claims
from claims.models import Claim, Order, Upload

KINDS = {
    frozenset({Upload.Kind.SCREENSHOT.value}): Claim.Shown.PICTURES,
    frozenset({Upload.Kind.VIDEO.value}): Claim.Shown.VIDEOS,
    frozenset(Upload.Kind.values): Claim.Shown.BOTH,
}


def refresh(claim: Claim) -> None:
    """Say on a locked claim what it shows and what each clause says, as things stand now.

    To be called by whatever changes its evidence, its facts or its order's.
    """
    shown = Upload.objects.filter(evidence__claim=claim, state__in=Upload.USABLE)
    kinds = frozenset(shown.values_list("kind", flat=True))
    claim.shown = KINDS.get(kinds, Claim.Shown.NOTHING)
    if claim.is_open:
        verdict = claim.assess()
        claim.is_failing = not verdict.eligible
        claim.outcomes = verdict.in_short()
    claim.save(update_fields=["shown", "is_failing", "outcomes"])


def refresh_open_claims(orders: Collection[Order]) -> None:
    """`refresh` the open claims on locked orders of which the shop says something new."""
    by_id = {order.pk: order for order in orders}
    for order_id, claim in lock_open_claims(orders).items():
        claim.order = by_id[order_id]
        refresh(claim)
