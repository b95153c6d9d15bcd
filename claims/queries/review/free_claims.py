"""The claims that a reviewer may take next."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from claims.models import Claim, Decision, Event, Lease


def free_claims(*, by: User, now: datetime) -> QuerySet[Claim]:
    """Return the claims that this person may take next: they wait for us, and nobody holds them.

    A repair waits for us when its time is over. Left out are the person's own claims, claims that
    are assigned to another person, and claims that wait for a second person after this one.
    """
    ours = Q(status=Claim.Status.SUBMITTED) | Q(status=Claim.Status.REPAIRING, due_at__lte=now)
    return Claim.objects.filter(
        ours,
        Q(assignee=None) | Q(assignee=by),
        ~Exists(Lease.objects.live(now=now).filter(claim=OuterRef("pk"))),
        Q(approval=None) | ~Q(approval__by=by),
        ~Q(order__customer=by),
        ~judged_before(by),
    )


def judged_before(person: User) -> Exists:
    """Return the condition that a claim was appealed after this person's decision.

    Another person decides such a claim. The condition starts from the claim's appeals, because a
    person's decisions become many.
    """
    earlier = Decision.objects.filter(
        claim=OuterRef("claim"), by=person, decided_at__lte=OuterRef("at")
    )
    appeals = Event.objects.filter(claim=OuterRef("pk"), kind=Event.Kind.APPEALED)
    return Exists(appeals.filter(Exists(earlier)))


def judged_among(claim_ids: Iterable[int], *, by: User) -> set[int]:
    """Return those of these claims that this person decided before their appeal."""
    claims = Claim.objects.filter(judged_before(by), pk__in=list(claim_ids))
    return set(claims.values_list("pk", flat=True))
