"""The result that an action would have for a claim, shown before anybody presses a button.

Nothing is locked or written here, so a claim may still change; the action decides by the same
rules. The claims come with `queries.with_their_state`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _

from claims import policy
from claims.models import Claim, Event, Lease, Upload
from claims.wording.validation_errors import text_of

Check = Callable[[Claim], object]


@dataclass(frozen=True)
class Foreseen:
    """The result for one claim, or the reason why nothing happens: one of the two is empty."""

    claim: Claim
    will: str
    left: str


def foresee(
    claims: Iterable[Claim], *, will: Callable[[Claim], str], checks: Sequence[Check]
) -> list[Foreseen]:
    """Return the result for each claim, unless one of these checks refuses it."""
    told = [(claim, left_by(claim, checks)) for claim in claims]
    return [Foreseen(claim, "" if left else will(claim), left) for claim, left in told]


def left_by(claim: Claim, checks: Sequence[Check]) -> str:
    """Return the reason of the first check that refuses the claim, or ''."""
    for check in checks:
        try:
            check(claim)
        except (ValidationError, PermissionDenied) as error:
            return text_of(error)
    return ""


def check_unmoved(seen: Mapping[int, int], *, assigned: bool = False) -> Check:
    """Return a check that refuses a claim with newer events than were seen.

    The events that matter to a decision count, or, with `assigned`, those about the assignee.
    """
    later = Event.objects.filter(claim__in=list(seen), pk__gt=min(seen.values(), default=0))
    kinds = [Event.Kind.ASSIGNED] if assigned else {*Event.Kind.values} - {*Event.QUIET}
    events = later.filter(kind__in=kinds).values_list("claim", "pk")
    moved = {claim for claim, event in events if claim and event > seen[claim]}

    def check(claim: Claim) -> None:
        if claim.pk in moved:
            raise ValidationError(
                _("It has moved on while you were looking. Look at it again."), code="moved-on"
            )

    return check


def lease_of(claim: Claim) -> Lease | None:
    """Return the lease that was fetched with the claim, or None."""
    with suppress(Lease.DoesNotExist):
        return claim.lease
    return None


def verdict_of(claim: Claim) -> policy.Verdict:
    """Return the verdict on an open claim, from the rows that were fetched with it."""
    accepted = frozenset(
        item.upload.proof
        for item in claim.evidence.all()
        if item.upload.state == Upload.State.ACCEPTED
    )
    # The database allows one open claim per order, and this one is open.
    facts = claim.facts(proofs=accepted, has_live_claim=False)
    return policy.assess(facts, claim.order.policy_version.terms)
