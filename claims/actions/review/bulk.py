"""One action on many chosen claims, each in a transaction of its own, as on the review page.

A claim that refuses the action is left, with the reason; the others go on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import policy, queries, wording
from claims.actions.core.locks import lock_claim, refuse_closed
from claims.actions.review import approvals, assignment, conversation, decisions, guards, leases
from claims.models import Claim, Event, Lease
from claims.queries.core.claim_actions import ActionName, action_of
from claims.queries.review import previews
from claims.queries.review.previews import Foreseen
from claims.wording.validation_errors import text_of

MOST_AT_ONCE = 100
NO_GROUND = "The clause is no ground to reject this claim."


class BulkAction(StrEnum):
    """The actions of the table that many claims can take at once."""

    ASSIGN = ActionName.ASSIGN.value
    ASK = ActionName.ASK.value
    REJECT = ActionName.REJECT.value


@dataclass(frozen=True, kw_only=True)
class BulkRequest:
    """The action for each claim, with its inputs."""

    step: BulkAction
    to: User | None = None
    """The new assignee; None leaves the claim to the reviewer who takes it first."""
    note: str = ""
    clause: str = ""
    terms_section: str = ""


@dataclass(frozen=True)
class BulkResult:
    """The result for one claim. `left` is the reason why it was left, or '' if it was done."""

    claim_id: int
    left: str = ""


def carry_out(
    *, wanted: BulkRequest, picked: Mapping[int, int], by: User, clock: Callable[[], datetime]
) -> list[BulkResult]:
    """Apply the action to each picked claim in turn, and return the results in the same order.

    `picked` maps each claim's id to the id of the newest event that the reviewer has seen; a claim
    that has moved on since is left. Raises `PermissionDenied` if `by` may not decide claims, and
    `ValidationError`: `claims` for more than `MOST_AT_ONCE`, `assignee` for a person who may not
    decide claims.
    """
    leases.refuse_others_than_reviewers(by)
    assignment.refuse_assignee(wanted.to)
    if len(picked) > MOST_AT_ONCE:
        raise ValidationError(
            _("Choose at most %(most)s claims at once."),
            code="claims",
            params={"most": MOST_AT_ONCE},
        )
    return [
        BulkResult(claim_id, _left_of(wanted, claim_id, seen=seen, by=by, now=clock()))
        for claim_id, seen in picked.items()
    ]


def _left_of(wanted: BulkRequest, claim_id: int, *, seen: int, by: User, now: datetime) -> str:
    """Apply the action; return the reason why it was refused, or ''. Other errors are raised."""
    try:
        if wanted.step == BulkAction.ASSIGN:
            _assign(claim_id, to=wanted.to, by=by, seen=seen, now=now)
        else:
            _act_with_lease(wanted, claim_id, by=by, seen=seen, now=now)
    except (ValidationError, PermissionDenied) as error:
        return _why(error)
    return ""


@transaction.atomic(durable=True)
def _assign(claim_id: int, *, to: User | None, by: User, seen: int, now: datetime) -> None:
    claim = lock_claim(claim_id)
    refuse_closed(claim, ActionName.ASSIGN)
    _refuse_assigned(claim, to)
    _refuse_given_away(claim, seen=seen)
    assignment.assign_locked(claim, to, by=by, now=now)


def _refuse_assigned(claim: Claim, to: User | None) -> None:
    if claim.assignee == to:
        raise ValidationError(
            _("It is assigned to %(assignee)s already.") if to else _("It is unassigned already."),
            code="assignee",
            params={"assignee": to},
        )


def _refuse_given_away(claim: Claim, *, seen: int) -> None:
    """Raise `ValidationError` (`moved-on`) if somebody has assigned the claim since `seen`."""
    later = claim.events.filter(pk__gt=seen, kind=Event.Kind.ASSIGNED).select_related("actor")
    event = later.order_by("pk").last()
    if event:
        raise ValidationError(
            _("%(who)s has assigned it meanwhile."), code="moved-on", params={"who": event.actor}
        )


def _act_with_lease(
    wanted: BulkRequest, claim_id: int, *, by: User, seen: int, now: datetime
) -> None:
    """Lease the claim, act, and release it, unless this person held the lease before."""
    had_it = Lease.objects.live(now=now).filter(pk=claim_id, holder=by).exists()
    leases.take(claim_id=claim_id, by=by, now=now)
    try:
        _act(wanted, claim_id, by=by, seen=seen, now=now)
    finally:
        if not had_it:
            leases.release(claim_id=claim_id, by=by)


def _act(wanted: BulkRequest, claim_id: int, *, by: User, seen: int, now: datetime) -> None:
    if wanted.step == BulkAction.ASK:
        conversation.ask_for_evidence(
            claim_id=claim_id, by=by, seen=seen, note=wanted.note, now=now
        )
        return
    decisions.reject(
        claim_id=claim_id,
        by=by,
        seen=seen,
        answers={},
        clause=wanted.clause,
        terms_section=wanted.terms_section,
        note=wanted.note,
        now=now,
    )


def _why(error: ValidationError | PermissionDenied) -> str:
    if isinstance(error, ValidationError) and error.error_list[0].code == "clause":
        return NO_GROUND
    return text_of(error)


def foresee(
    claims: Iterable[Claim],
    *,
    wanted: BulkRequest,
    seen: Mapping[int, int],
    by: User,
    now: datetime,
) -> list[Foreseen]:
    """Return the result that `carry_out` would have for each claim, by the same rules.

    The claims come with `queries.with_their_state`, and `seen` has an event of each.
    """
    checks = _checks(wanted, seen=seen, by=by, now=now)
    return previews.foresee(claims, will=lambda claim: _told(wanted, claim), checks=checks)


def _told(wanted: BulkRequest, claim: Claim) -> str:
    if wanted.step == BulkAction.ASSIGN:
        if wanted.to is None:
            return str(_("will be unassigned"))
        return str(_("will be assigned to %(assignee)s")) % {"assignee": wanted.to}
    if wanted.step == BulkAction.ASK and claim.status == Claim.Status.REPAIRING:
        return str(_("goes on being repaired; the customer gets your note"))
    if wanted.step == BulkAction.ASK:
        return str(_("will wait for the customer, who gets your note"))
    title = wording.title(policy.Clause(wanted.clause))
    return str(_("will be rejected: %(title)s")) % {"title": title}


def _checks(
    wanted: BulkRequest, *, seen: Mapping[int, int], by: User, now: datetime
) -> list[previews.Check]:
    if wanted.step == BulkAction.ASSIGN:
        given_away = previews.check_unmoved(seen, assigned=True)
        return [
            lambda claim: refuse_closed(claim, ActionName.ASSIGN),
            lambda claim: _refuse_assigned(claim, wanted.to),
            given_away,
        ]
    action = action_of(ActionName(wanted.step))
    checks = [
        guards.check_free(by=by, now=now),
        previews.check_unmoved(seen),
        lambda claim: guards.refuse_status(claim, action),
    ]
    if wanted.step == BulkAction.REJECT:
        judged = queries.judged_among(seen, by=by)
        checks.append(lambda claim: _refuse_ground(claim, wanted))
        checks.append(lambda claim: approvals.refuse_judged(claim, judged))
    return checks


def _refuse_ground(claim: Claim, wanted: BulkRequest) -> None:
    try:
        decisions.refuse_groundless(
            previews.verdict_of(claim), clause=wanted.clause, terms_section=wanted.terms_section
        )
    except ValidationError as error:
        raise ValidationError(_why(error), code=error.code) from error
