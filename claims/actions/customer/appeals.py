"""Appeals: somebody else decides a rejected claim once more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.actions.core.locks import lock_claim_of
from claims.actions.customer.contradictions import reopen_for_customer, take_in_contradiction
from claims.actions.customer.evidence import is_answered
from claims.models import Claim, Event
from claims.queries.customer.time_limits import may_appeal


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
    """Reopen a rejected claim, so that somebody else decides it once more.

    The same form sent again changes nothing. Raises `PermissionDenied`, or `ValidationError`:
    `appeal` when the customer can't appeal, or can't any more; `clear-reason` without a new file
    and with too few words; `files` for too many files, or for one that isn't there.
    """
    claim = lock_claim_of(by, claim_id)
    if is_answered(claim, submission):
        return claim
    if not may_appeal(claim, now=now):
        raise ValidationError(
            _("This claim can't be appealed: only a rejection can, once, within %(days)s days."),
            code="appeal",
            params={"days": settings.APPEAL_DAYS},
        )
    take_in_contradiction(claim, by=by, uploads=uploads, message=message, now=now)
    due_at = now + timedelta(hours=settings.DECISION_HOURS)
    reopen_for_customer(
        claim, Event.Kind.APPEALED, by=by, submission=submission, due_at=due_at, now=now
    )
    return claim
