"""Evidence that several claims show."""

from django.db import transaction
from django.db.models import QuerySet
from procrastinate.contrib.django import app

from claims import queries
from claims.models import Claim, Upload

LOOK_FOR_REPEATS = "claims.look_for_repeats"


def look_for_repeats(claim: Claim) -> None:
    """Have a worker look for the claim's accepted evidence in other claims, after the commit.

    An upload that waits for its inspection gets its turn once it is accepted.
    """
    if not _accepted(claim).exists():
        return
    app.configure_task(LOOK_FOR_REPEATS).defer(claim_id=claim.pk)


@transaction.atomic(durable=True)
def mark_repeats(*, claim_id: int) -> int:
    """Mark the claim and all claims that show the same evidence; return the number of new marks.

    A mark stays, because the evidence was used twice even if a claim ends or a file goes.
    """
    claim = Claim.objects.get(pk=claim_id)
    uploads = list(_accepted(claim))
    found = queries.duplicates_of(claim, uploads) if uploads else {}
    others = {duplicate.evidence for each in found.values() for duplicate in each}
    if not others:
        return 0
    marked = {evidence.claim_id for evidence in others} | {claim.pk}
    # The order of locking is fixed, so that two workers never deadlock.
    unmarked = Claim.objects.filter(pk__in=marked, is_repeated=False).order_by("pk")
    locked = list(unmarked.select_for_update(no_key=True).values_list("pk", flat=True))
    return Claim.objects.filter(pk__in=locked).update(is_repeated=True)


def _accepted(claim: Claim) -> QuerySet[Upload]:
    return Upload.objects.filter(evidence__claim=claim, state=Upload.State.ACCEPTED)
