"""Guards: the conditions that must hold before a reviewer changes a claim."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import policy, wording
from claims.actions.core.locks import closed_error, lock_claim
from claims.actions.review.approvals import JUDGED
from claims.actions.review.leases import events_since, refuse_foreign_lease, refuse_without_lease
from claims.models import Claim, Lease
from claims.queries.core.claim_actions import ActionName, ClaimAction, Exclusion, action_of
from claims.queries.review.exclusions import exclusions_of, is_excluded
from claims.queries.review.previews import Check, lease_of
from claims.queries.review.replacements import requested_replacement

NOT_PERMITTED = {
    "claims.review_claim": "Only Support and Supervisors decide claims.",
    "claims.give_goodwill": "Only Supervisors give goodwill.",
    "claims.reopen_claim": "Only Supervisors reopen claims.",
    "claims.lift_flag": "Only Supervisors lift flags.",
    "claims.mark_wrongly_paid": "Only Supervisors mark refunds as wrongly paid.",
}


def lock_for_review(
    claim_id: int, name: ActionName, *, by: User, seen: int, now: datetime
) -> Claim:
    """Return the claim, locked with its order, for a reviewer who has it open and up to date.

    `seen` is the id of the newest event that the reviewer has seen. Raises `ValidationError`
    (`closed`, `lease`, `moved-on`, and what `refuse_unfit` raises) and `PermissionDenied`.
    """
    refuse_unpermitted(name, by)
    claim = lock_claim(claim_id)
    refuse_undecidable(claim, by=by)
    refuse_without_lease(claim, by=by, seen=seen, now=now)
    refuse_moved_on(claim, seen=seen)
    refuse_unfit(claim, name, by=by)
    return claim


def lock_for_incident(claim_id: int, *, by: User, seen: int, now: datetime) -> Claim:
    """Return the claim, locked with its order, for a reviewer who answered for its whole group.

    This reviewer has no page open, so needs no lease; another reviewer's lease refuses them.
    Raises as `lock_for_review`.
    """
    refuse_unpermitted(ActionName.APPROVE, by)
    claim = lock_claim(claim_id)
    refuse_undecidable(claim, by=by)
    lease = Lease.objects.select_for_update(of=("self",)).select_related("holder")
    refuse_foreign_lease(lease.filter(pk=claim.pk).first(), by=by, now=now)
    refuse_moved_on(claim, seen=seen)
    refuse_unfit(claim, ActionName.APPROVE, by=by)
    return claim


def refuse_undecidable(claim: Claim, *, by: User) -> None:
    """Raise `ValidationError` (`closed`), or `PermissionDenied` for this person's own claim."""
    refuse_own(claim, by)
    _refuse_decided(claim)
    if not claim.is_open:
        raise closed_error(claim)


def refuse_own(claim: Claim, by: User) -> None:
    """Raise `PermissionDenied` if the claim is this person's own."""
    if is_excluded(claim, by, Exclusion.OWN_CLAIM):
        raise _excluded(claim, Exclusion.OWN_CLAIM)


def refuse_unpermitted(name: ActionName, by: User) -> None:
    """Raise `PermissionDenied` if this person lacks a permission that the action needs."""
    for permission in action_of(name).permissions:
        if not by.has_perm(permission):
            raise PermissionDenied(NOT_PERMITTED[permission])


def refuse_unfit(claim: Claim, name: ActionName, *, by: User) -> None:
    """Raise unless the table allows this action on the claim, and by this person.

    Raises `PermissionDenied` for this person's own claim, or `ValidationError`: `repair` for
    another kind of claim, `status`, `replacement`, `another-person`, `second-replacement`.
    """
    action = action_of(name)
    _refuse_kind(claim, action)
    refuse_status(claim, action)
    # `takes_two` refuses the first of two people, because it knows the amount.
    among = [exclusion for exclusion in action.may_not if exclusion != Exclusion.FIRST_OF_TWO]
    for exclusion in exclusions_of(claim, by, among=among):
        raise _excluded(claim, exclusion)


def refuse_status(claim: Claim, action: ClaimAction) -> None:
    """Raise `ValidationError` (`status`) if the claim's status doesn't allow this action."""
    if claim.status not in action.statuses:
        raise ValidationError(
            _("%(what)s is no next step for a claim that is %(status)s."),
            code="status",
            params={"what": action.called, "status": claim.get_status_display()},
        )


def _excluded(claim: Claim, exclusion: Exclusion) -> ValidationError | PermissionDenied:
    match exclusion:
        case Exclusion.OWN_CLAIM:
            return PermissionDenied(_("Nobody decides a claim of their own."))
        case Exclusion.JUDGED_BEFORE:
            return ValidationError(JUDGED, code="another-person")
        case Exclusion.REPLACEMENT_REQUESTED:
            return _requested(claim)
        case Exclusion.SECOND_REPLACEMENT:
            return ValidationError(
                _("This number was a replacement itself. Only a Supervisor offers another one."),
                code="second-replacement",
            )
        case Exclusion.FIRST_OF_TWO:
            return ValidationError(_("You have approved this already."), code="second-person")
        case _:
            assert_never(exclusion)


def _requested(claim: Claim) -> ValidationError:
    request = requested_replacement(claim)
    return ValidationError(
        _(
            "The customer has chosen the replacement, and the shop was asked for it. It has until"
            " %(until)s to answer; then the price goes back."
        ),
        code="replacement",
        params={"until": wording.in_words(request.answer_by) if request else ""},
    )


def _refuse_kind(claim: Claim, action: ClaimAction) -> None:
    """Raise `ValidationError` (`repair`) if the claim's kind doesn't allow this action."""
    if claim.kind not in action.kinds:
        raise ValidationError(
            _("Only a major defect is repaired or replaced."), code=policy.Clause.REPAIR
        )


def refuse_empty(note: str) -> None:
    """Raise `ValidationError` (`note`) if the note to the customer is empty."""
    if not note.strip():
        raise ValidationError(_("Write a note: the customer reads it."), code="note")


def answered(verdict: policy.Verdict, answers: Mapping[str, str]) -> dict[str, str]:
    """Return the answers to those questions that the verdict leaves to a reviewer."""
    asked = {finding.clause.value for finding in verdict.for_reviewer}
    return {clause: answer for clause, answer in answers.items() if clause in asked and answer}


def _refuse_decided(claim: Claim) -> None:
    decision = claim.decision
    if decision:
        raise ValidationError(
            _("%(who)s has decided this claim: %(outcome)s, %(at)s. Nothing has changed now."),
            code="closed",
            params={
                "who": decision.who,
                "outcome": decision.get_outcome_display(),
                "at": wording.in_words(decision.decided_at),
            },
        )


def refuse_moved_on(claim: Claim, *, seen: int) -> None:
    """Raise `ValidationError` (`moved-on`) if the claim has newer events that aren't quiet."""
    told = events_since(claim, seen)
    if told:
        raise ValidationError(
            _("The claim has moved on while you were looking: %(told)s. Look at it again."),
            code="moved-on",
            params={"told": told},
        )


def refuse_empty_reason(note: str) -> None:
    """Raise `ValidationError` (`note`) if the note to colleagues is empty."""
    if not note.strip():
        raise ValidationError(_("Write why, for your colleagues."), code="note")


def check_free(*, by: User, now: datetime) -> Check:
    """Return a check that refuses closed claims, one's own, and those that another person holds."""

    def check(claim: Claim) -> None:
        refuse_undecidable(claim, by=by)
        refuse_foreign_lease(lease_of(claim), by=by, now=now)

    return check
