"""Objections: the customer says that a defect marked as repaired isn't."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import policy
from claims.actions.core.locks import lock_claim_of
from claims.actions.customer.contradictions import reopen_for_customer, take_in_contradiction
from claims.actions.customer.evidence import is_answered
from claims.models import Claim, Event
from claims.queries.customer.time_limits import may_object


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
    """Reopen a repaired claim, because the customer says that the defect is still there.

    The time to resolve the defect still runs from the filing, so a remedy may be due at once.
    Raises `ValidationError` (`repair`) unless the claim was marked as repaired, and lately, or if
    the customer objected before; for the rest, it raises what `appeal` raises.
    """
    claim = lock_claim_of(by, claim_id)
    if is_answered(claim, submission):
        return claim
    if not may_object(claim, now=now):
        raise ValidationError(
            _("Only what was marked as repaired can be objected to, once, within %(days)s days."),
            code=policy.Clause.REPAIR,
            params={"days": settings.OBJECTION_DAYS},
        )
    take_in_contradiction(claim, by=by, uploads=uploads, message=message, now=now)
    due_at = max(claim.first_due(), now)
    reopen_for_customer(
        claim, Event.Kind.OBJECTED, by=by, submission=submission, due_at=due_at, now=now
    )
    return claim
