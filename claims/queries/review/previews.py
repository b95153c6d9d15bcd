"""What an action would say of a claim, told before anybody presses a button.

Nothing is locked or written here, so a claim may still move on; the action says the last word, and
by the same rules. The claims come with `queries.with_their_state`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError

from claims import policy
from claims.models import ApprovalLimit, Claim, Event, Lease, Upload

Check = Callable[[Claim], object]


@dataclass(frozen=True)
class Foreseen:
    """What will happen to one claim, or else why nothing will: one of the two is empty."""

    claim: Claim
    will: str
    left: str


def foresee(claims: Iterable[Claim], *, will: str, checks: Sequence[Check]) -> list[Foreseen]:
    """Of each claim what will happen to it, unless one of these checks refuses it."""
    told = [(claim, left_by(claim, checks)) for claim in claims]
    return [Foreseen(claim, "" if left else will, left) for claim, left in told]


def left_by(claim: Claim, checks: Sequence[Check]) -> str:
    """Why the first of these checks refuses the claim, in words; empty when none does."""
    for check in checks:
        try:
            check(claim)
        except (ValidationError, PermissionDenied) as error:
            return in_words(error)
    return ""


def in_words(error: ValidationError | PermissionDenied) -> str:
    """All that it says, for whoever asked."""
    if isinstance(error, PermissionDenied):
        return str(error)
    return " ".join(error.messages)


def check_unmoved(seen: Mapping[int, int], *, assigned: bool = False) -> Check:
    """Refuses what has moved on since it was seen: in what matters to a decision, or in whose work
    it is, when that is what matters."""
    later = Event.objects.filter(claim__in=list(seen), pk__gt=min(seen.values(), default=0))
    kinds = [Event.Kind.ASSIGNED] if assigned else {*Event.Kind.values} - {*Event.QUIET}
    events = later.filter(kind__in=kinds).values_list("claim", "pk")
    moved = {claim for claim, event in events if claim and event > seen[claim]}

    def check(claim: Claim) -> None:
        if claim.pk in moved:
            raise ValidationError(
                "It has moved on while you were looking. Look at it again.", code="moved-on"
            )

    return check


def lease_of(claim: Claim) -> Lease | None:
    """As it was fetched with the claim."""
    with suppress(Lease.DoesNotExist):
        return claim.lease
    return None


def verdict_of(claim: Claim) -> policy.Verdict:
    """What the policy says of an open claim, out of what was fetched with it."""
    accepted = frozenset(
        item.upload.proof
        for item in claim.evidence.all()
        if item.upload.state == Upload.State.ACCEPTED
    )
    # The database holds one open claim per order, and this one is open.
    facts = claim.facts(proofs=accepted, has_live_claim=False)
    return policy.assess(facts, claim.order.policy_version.terms)


def limits() -> Mapping[str, ApprovalLimit]:
    """What one person pays alone, by currency."""
    return {limit.currency: limit for limit in ApprovalLimit.objects.all()}
