"""Columns of a claim that repeat its evidence and its verdict, for lists and searches."""

from collections.abc import Collection
from typing import assert_never

from claims.actions.core.locks import lock_open_claims
from claims.models import Claim, Order, Upload


def refresh(claim: Claim) -> None:
    """Save the kinds of evidence and, if it is open, the present outcomes on a locked claim.

    Call it after each change to the claim's evidence, to its facts or to those of its order.
    """
    shown = Upload.objects.filter(evidence__claim=claim, state__in=Upload.USABLE)
    claim.shown = _shown({Upload.Kind(kind) for kind in shown.values_list("kind", flat=True)})
    if claim.is_open:
        verdict = claim.assess()
        claim.is_failing = not verdict.eligible
        claim.outcomes = verdict.in_short()
    claim.save(update_fields=["shown", "is_failing", "outcomes"])


def refresh_open_claims(orders: Collection[Order]) -> None:
    """`refresh` the open claims on locked orders that a report of the shop has changed."""
    by_id = {order.pk: order for order in orders}
    for order_id, claim in lock_open_claims(orders).items():
        claim.order = by_id[order_id]
        refresh(claim)


def _shown(kinds: Collection[Upload.Kind]) -> Claim.Shown:
    if not kinds:
        return Claim.Shown.NOTHING
    each = {_shown_by(kind) for kind in kinds}
    return each.pop() if len(each) == 1 else Claim.Shown.BOTH


def _shown_by(kind: Upload.Kind) -> Claim.Shown:
    """Return the value of `Claim.shown` for a claim whose files are all of this kind."""
    match kind:
        case Upload.Kind.SCREENSHOT:
            return Claim.Shown.PICTURES
        case Upload.Kind.VIDEO:
            return Claim.Shown.VIDEOS
        case _:
            assert_never(kind)
