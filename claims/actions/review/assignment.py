"""The assignee of a claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claims
from claims.actions.review.guards import refuse_unpermitted
from claims.models import Change, Claim, Event
from claims.queries.core.claim_actions import ActionName, action_of


@transaction.atomic(durable=True)
def assign(*, claim_ids: Sequence[int], to: User | None, by: User, now: datetime) -> list[Claim]:
    """Assign open claims to a person, or to nobody, and return the claims that this changed.

    This skips closed claims. Raises `ValidationError` (`assignee`) if `to` may not decide claims;
    raises `PermissionDenied`.
    """
    refuse_unpermitted(ActionName.ASSIGN, by)
    refuse_assignee(to)
    claims = lock_claims(claim_ids).select_related("order", "assignee")
    changed = []
    for claim in claims:
        if action_of(ActionName.ASSIGN).fits(claim) and claim.assignee != to:
            assign_locked(claim, to, by=by, now=now)
            changed.append(claim)
    return changed


def refuse_assignee(to: User | None) -> None:
    """Raise `ValidationError` (`assignee`) if this person may not decide claims."""
    if to and not (to.is_active and to.is_staff and to.has_perm("claims.review_claim")):
        raise ValidationError(_("Assign claims to someone who decides them."), code="assignee")


def assign_locked(claim: Claim, to: User | None, *, by: User, now: datetime) -> None:
    """Assign one open claim that the caller has locked."""
    change = Change(
        {"assignee": claim.assignee.email if claim.assignee else None},
        {"assignee": to.email if to else None},
    )
    claim.assignee = to
    claim.save(update_fields=["assignee"])
    record(claim, Event.Kind.ASSIGNED, at=now, actor=by, change=change)
