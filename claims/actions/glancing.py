"""What the queue shows and finds of a claim without looking at its evidence or its policy."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app

from claims import queries
from claims.actions.locking import lock_open_claims
from claims.models import Claim, Order, Upload

LOOK_FOR_REPEATS = "claims.look_for_repeats"
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


def look_for_repeats(claim: Claim) -> None:
    """Have a worker look for the claim's evidence in other claims, after this transaction.

    What is still to be inspected is looked for when it is accepted.
    """
    if not _accepted(claim).exists():
        return
    app.configure_task(LOOK_FOR_REPEATS).defer(claim_id=claim.pk)


@transaction.atomic(durable=True)
def mark_repeats(*, claim_id: int) -> int:
    """Mark the claim and all that show what it shows; answers how many were not marked before.

    A mark stays: the evidence was used twice, whatever becomes of it.
    """
    claim = Claim.objects.get(pk=claim_id)
    uploads = list(_accepted(claim))
    found = queries.duplicates_of(claim, uploads) if uploads else {}
    others = {duplicate.evidence for each in found.values() for duplicate in each}
    if not others:
        return 0
    marked = {evidence.claim_id for evidence in others} | {claim.pk}
    # Locked in one order, so that two workers wait for each other and never for ever.
    unmarked = Claim.objects.filter(pk__in=marked, is_repeated=False).order_by("pk")
    locked = list(unmarked.select_for_update(no_key=True).values_list("pk", flat=True))
    return Claim.objects.filter(pk__in=locked).update(is_repeated=True)


def _accepted(claim: Claim) -> QuerySet[Upload]:
    return Upload.objects.filter(evidence__claim=claim, state=Upload.State.ACCEPTED)
