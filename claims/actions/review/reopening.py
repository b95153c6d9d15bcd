"""The reopening of a rejected claim by a Supervisor."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import policy
from claims.actions.core.claim_columns import refresh
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claim
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.review.guards import (
    refuse_empty,
    refuse_own,
    refuse_unfit,
    refuse_unpermitted,
)
from claims.models import Claim, Event
from claims.queries.core.claim_actions import ActionName


@transaction.atomic(durable=True)
def reopen(*, claim_id: int, by: User, note: str, now: datetime) -> Claim:
    """Give a rejected claim back to the reviewers, once. Supervisors only.

    Raises `ValidationError`: `note` when there is none, `status` unless it is rejected, `reopened`
    the second time, `already-returned`, `one-live-claim`; raises `PermissionDenied`.
    """
    refuse_unpermitted(ActionName.REOPEN, by)
    claim = lock_claim(claim_id)
    refuse_own(claim, by)
    refuse_unfit(claim, ActionName.REOPEN, by=by)
    _refuse_to_reopen(claim, note=note)
    due_at = now + timedelta(hours=settings.DECISION_HOURS)
    change = claim.reopen(due_at=due_at)
    event = record(claim, Event.Kind.REOPENED, at=now, actor=by, change=change, note=note.strip())
    refresh(claim)
    tell_customer(event)
    return claim


def _refuse_to_reopen(claim: Claim, *, note: str) -> None:
    refuse_empty(note)
    if claim.events.filter(kind=Event.Kind.REOPENED).exists():
        raise ValidationError(
            _("This claim was reopened before, which is possible once."), code="reopened"
        )
    if claim.order.is_remedied:
        raise ValidationError(
            _("The price of this order has gone back meanwhile, or it was replaced."),
            code=policy.Clause.ALREADY_RETURNED,
        )
    if claim.has_live_sibling():
        raise ValidationError(
            _("Another claim on this order is open."), code=policy.Clause.ONE_LIVE_CLAIM
        )
