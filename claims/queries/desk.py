"""What reviewers work on."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from claims.models import Claim, Decision, Event, Lease


def free_claims(*, by: User, now: datetime) -> QuerySet[Claim]:
    """What this person may be given next: ours to act on, and before nobody.

    A repair is ours again when its time is over. Nobody is given a claim of their own, one that is
    assigned to somebody else, or one that waits for a second person after them.
    """
    ours = Q(status=Claim.Status.SUBMITTED) | Q(status=Claim.Status.REPAIRING, due_at__lte=now)
    return Claim.objects.filter(
        ours,
        Q(assignee=None) | Q(assignee=by),
        ~Exists(Lease.objects.live(now=now).filter(claim=OuterRef("pk"))),
        Q(approval=None) | ~Q(approval__by=by),
        ~Q(order__customer=by),
        ~Q(pk__in=judged_before(by)),
    )


def judged_before(person: User) -> QuerySet[Claim]:
    """Claims that were appealed after this person's decision: somebody else decides them."""
    appeal = Event.objects.filter(
        claim=OuterRef("claim"), kind=Event.Kind.APPEALED, at__gte=OuterRef("decided_at")
    )
    decided = Decision.objects.filter(Exists(appeal), by=person, claim__status__in=Claim.OPEN)
    return Claim.objects.filter(pk__in=decided.values("claim"))
