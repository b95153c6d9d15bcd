"""What reviewers work on."""

from collections.abc import Iterable
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
        ~judged_before(by),
    )


def judged_before(person: User) -> Exists:
    """Whether a claim was appealed after this person's decision: somebody else decides it then.

    Asked claim by claim, by the appeals: somebody's decisions become many.
    """
    earlier = Decision.objects.filter(
        claim=OuterRef("claim"), by=person, decided_at__lte=OuterRef("at")
    )
    appeals = Event.objects.filter(claim=OuterRef("pk"), kind=Event.Kind.APPEALED)
    return Exists(appeals.filter(Exists(earlier)))


def judged_among(claim_ids: Iterable[int], *, by: User) -> set[int]:
    """Those of these claims that this person decided before they were appealed."""
    claims = Claim.objects.filter(judged_before(by), pk__in=list(claim_ids))
    return set(claims.values_list("pk", flat=True))
