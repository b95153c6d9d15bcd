"""Guards: what must hold before a reviewer changes a claim."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from claims import policy, wording
from claims.actions.core.locks import lock_claim, refuse_closed
from claims.actions.review.leases import (
    events_since,
    refuse_foreign_lease,
    refuse_others_than_reviewers,
    refuse_without_lease,
)
from claims.models import (
    Claim,
    Lease,
)
from claims.queries.review.previews import Check, lease_of
from claims.queries.review.replacements import requested_replacement


def lock_for_review(claim_id: int, *, by: User, seen: int, now: datetime) -> Claim:
    """The claim, locked with its order, for a reviewer who has it before them as it is.

    `seen` is the id of the newest event that they had before them. Raises `ValidationError`
    (`closed`, `lease`, `moved-on`) and `PermissionDenied`.
    """
    refuse_others_than_reviewers(by)
    claim = lock_claim(claim_id)
    refuse_undecidable(claim, by=by)
    refuse_without_lease(claim, by=by, seen=seen, now=now)
    refuse_moved_on(claim, seen=seen)
    return claim


def lock_for_incident(claim_id: int, *, by: User, seen: int, now: datetime) -> Claim:
    """The claim, locked with its order, for who has answered for all of its group.

    They have no page open, so no lease is theirs; whoever has the claim before them goes first.
    Raises as `lock_for_review`.
    """
    refuse_others_than_reviewers(by)
    claim = lock_claim(claim_id)
    refuse_undecidable(claim, by=by)
    lease = Lease.objects.select_for_update(of=("self",)).select_related("holder")
    refuse_foreign_lease(lease.filter(pk=claim.pk).first(), by=by, now=now)
    refuse_moved_on(claim, seen=seen)
    return claim


def refuse_undecidable(claim: Claim, *, by: User) -> None:
    """Raise `ValidationError` (`closed`), or `PermissionDenied` for a claim of one's own."""
    if claim.order.customer_id == by.pk:
        raise PermissionDenied("Nobody decides a claim of their own.")
    _refuse_decided(claim)
    refuse_closed(claim)


def refuse_status(claim: Claim, allowed: Collection[str], what: str) -> None:
    """Raise `ValidationError` (`status`) when the claim isn't where this step begins."""
    if claim.status not in allowed:
        raise ValidationError(
            "%(what)s is no next step for a claim that is %(status)s.",
            code="status",
            params={"what": what, "status": claim.get_status_display()},
        )


def refuse_requested(claim: Claim) -> None:
    """Raise `ValidationError` (`replacement`) while the shop has yet to answer."""
    waiting = requested_replacement(claim)
    if waiting:
        raise ValidationError(
            "The customer has chosen the replacement, and the shop was asked for it. It has until"
            " %(until)s to answer; then the price goes back.",
            code="replacement",
            params={"until": wording.in_words(waiting.answer_by)},
        )


def refuse_other_kinds(claim: Claim) -> None:
    """Raise `ValidationError` (`repair`) unless the claim is about a defect."""
    if claim.kind != Claim.Kind.MAJOR_DEFECT:
        raise ValidationError(
            "Only a major defect is repaired or replaced.", code=policy.Clause.REPAIR
        )


def refuse_empty(note: str) -> None:
    """Raise `ValidationError` (`note`) when there is nothing to read."""
    if not note.strip():
        raise ValidationError("Write a note: the customer reads it.", code="note")


def answered(verdict: policy.Verdict, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers to questions that this claim really asks."""
    asked = {finding.clause.value for finding in verdict.for_reviewer}
    return {clause: answer for clause, answer in answers.items() if clause in asked and answer}


def _refuse_decided(claim: Claim) -> None:
    decision = claim.decision
    if decision:
        raise ValidationError(
            "%(who)s has decided this claim: %(outcome)s, %(at)s. Nothing has changed now.",
            code="closed",
            params={
                "who": decision.who,
                "outcome": decision.get_outcome_display(),
                "at": wording.in_words(decision.decided_at),
            },
        )


def refuse_moved_on(claim: Claim, *, seen: int) -> None:
    """Raise `ValidationError` (`moved-on`) when something has happened since that event."""
    told = events_since(claim, seen)
    if told:
        raise ValidationError(
            "The claim has moved on while you were looking: %(told)s. Look at it again.",
            code="moved-on",
            params={"told": told},
        )


UNSETTLED = frozenset({Claim.Status.SUBMITTED, Claim.Status.WAITING_CUSTOMER})


def refuse_empty_reason(note: str) -> None:
    """Raise `ValidationError` (`note`) when nothing says why."""
    if not note.strip():
        raise ValidationError("Write why, for your colleagues.", code="note")


def check_free(*, by: User, now: datetime) -> Check:
    """Refuses a closed claim, one's own, and one that somebody else has before them."""

    def check(claim: Claim) -> None:
        refuse_undecidable(claim, by=by)
        refuse_foreign_lease(lease_of(claim), by=by, now=now)

    return check
