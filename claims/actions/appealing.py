"""The customer's word against how their claim ended: once, in time, and with something new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from claims import policy
from claims.actions.evidence import is_answered, lock_unused, take_in
from claims.actions.glancing import look_for_repeats, refresh
from claims.actions.locking import lock_claim_of
from claims.actions.recording import record, tell_customer
from claims.models import Claim, Event


@transaction.atomic(durable=True)
def appeal(
    *,
    claim_id: int,
    by: User,
    uploads: Sequence[str],
    message: str,
    submission: UUID,
    now: datetime,
) -> Claim:
    """The customer has a rejected claim decided once more, by somebody else.

    The same form sent again adds nothing. Raises `ValidationError`: `appeal` when the claim can't
    be appealed, or not any more, `clear-reason` without new evidence and with too few words,
    `files`.
    """
    claim = lock_claim_of(by, claim_id)
    if is_answered(claim, submission):
        return claim
    if not may_appeal(claim, now=now):
        raise ValidationError(
            "This claim can't be appealed: only a rejection can, once, within %(days)s days.",
            code="appeal",
            params={"days": settings.APPEAL_DAYS},
        )
    _add(claim, by=by, uploads=uploads, message=message, now=now)
    due_at = now + timedelta(hours=settings.DECISION_HOURS)
    _reopen(claim, Event.Kind.APPEALED, by=by, submission=submission, due_at=due_at, now=now)
    return claim


@transaction.atomic(durable=True)
def object_to_repair(
    *,
    claim_id: int,
    by: User,
    uploads: Sequence[str],
    message: str,
    submission: UUID,
    now: datetime,
) -> Claim:
    """The customer says that what was marked as repaired isn't. The claim goes on where it was.

    The time to resolve it runs from the filing still, so a remedy may be due at once. Raises
    `ValidationError`: `repair` when nothing was repaired, or not lately, and else as `appeal`.
    """
    claim = lock_claim_of(by, claim_id)
    if is_answered(claim, submission):
        return claim
    if not may_object(claim, now=now):
        raise ValidationError(
            "Only what was marked as repaired can be objected to, once, within %(days)s days.",
            code=policy.Clause.REPAIR,
            params={"days": settings.OBJECTION_DAYS},
        )
    _add(claim, by=by, uploads=uploads, message=message, now=now)
    due_at = max(claim.first_due(), now)
    _reopen(claim, Event.Kind.OBJECTED, by=by, submission=submission, due_at=due_at, now=now)
    return claim


def appeal_until(claim: Claim) -> datetime | None:
    """Before which instant a rejection can be appealed; nothing when it can't, or not again."""
    return _until(claim, Claim.Status.REJECTED, Event.Kind.APPEALED, settings.APPEAL_DAYS)


def object_until(claim: Claim) -> datetime | None:
    """Before which instant a repair can be objected to; nothing when it can't, or not again."""
    return _until(claim, Claim.Status.REPAIRED, Event.Kind.OBJECTED, settings.OBJECTION_DAYS)


def may_appeal(claim: Claim, *, now: datetime) -> bool:
    until = appeal_until(claim)
    return until is not None and now < until


def may_object(claim: Claim, *, now: datetime) -> bool:
    until = object_until(claim)
    return until is not None and now < until


def _until(claim: Claim, status: str, kind: str, days: int) -> datetime | None:
    decision = claim.decision
    if claim.status != status or decision is None or claim.order.is_remedied:
        return None
    if claim.events.filter(kind=kind).exists() or claim.has_live_sibling():
        return None
    return decision.decided_at + timedelta(days=days)


def _add(claim: Claim, *, by: User, uploads: Sequence[str], message: str, now: datetime) -> None:
    claim.new_uploads = lock_unused(uploads, order_id=claim.order_id, by=by)
    _refuse_nothing_new(claim, message)
    take_in(claim, by=by, message=message, now=now)


def _refuse_nothing_new(claim: Claim, message: str) -> None:
    fewest = claim.order.policy_version.terms.reason_min_length
    if not claim.new_uploads and len(policy.readable(message)) < fewest:
        raise ValidationError(
            "Say in at least %(fewest)s characters what we should see differently, or add a file.",
            code=policy.Clause.CLEAR_REASON,
            params={"fewest": fewest},
        )


def _reopen(
    claim: Claim, kind: str, *, by: User, submission: UUID, due_at: datetime, now: datetime
) -> None:
    """Give the claim back to the reviewers, to nobody in particular."""
    change = claim.reopen(due_at=due_at)
    claim.assignee = None
    claim.save(update_fields=["assignee"])
    kinds = [upload.kind for upload in claim.new_uploads]
    event = record(claim, kind, at=now, actor=by, submission=submission, change=change, kinds=kinds)
    refresh(claim)
    look_for_repeats(claim)
    tell_customer(event)
