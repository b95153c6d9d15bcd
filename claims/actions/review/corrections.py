"""Corrections of the facts that the policy turns on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.actions.core.claim_columns import refresh
from claims.actions.core.events import record
from claims.actions.review.guards import (
    lock_for_review,
    refuse_empty_reason,
)
from claims.models import Change, Claim, Event, Service
from claims.queries.core.claim_actions import ActionName


@dataclass(frozen=True, kw_only=True)
class Correction:
    """The facts that the policy needs, as staff correct them."""

    two_factor: bool
    """Staff say that the number asks for a password. The shop's and customer's word stays."""
    channel: str
    service: str


@transaction.atomic(durable=True)
def correct_facts(
    *, claim_id: int, by: User, seen: int, correction: Correction, note: str, now: datetime
) -> Claim:
    """Correct the facts on the claim, and assess it again at once.

    The event records the facts and the failed clauses before and after. Raises `ValidationError`:
    `note` when there is none, `correction` when nothing changes, the fields' own codes, `closed`,
    `lease`, `moved-on`; raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, ActionName.CORRECT, by=by, seen=seen, now=now)
    refuse_empty_reason(note)
    before = _facts_of(claim)
    claim.staff_two_factor = correction.two_factor
    claim.channel = correction.channel
    claim.service = correction.service
    if _facts_of(claim) == before:
        raise ValidationError(_("Nothing is different from what stands there."), code="correction")
    claim.clean_fields(exclude=_others_than("channel", "service"))
    if claim.service and not Service.objects.filter(pk=claim.service).exists():
        raise ValidationError(_("Choose a service of the catalogue."), code="service")
    before["failed"] = _failed(Claim.objects.get(pk=claim.pk))
    claim.save(update_fields=["staff_two_factor", "channel", "service"])
    refresh(claim)
    change = Change(before, _facts_of(claim) | {"failed": _failed(claim)})
    record(claim, Event.Kind.CORRECTED, at=now, actor=by, change=change, note=note.strip())
    return claim


def _facts_of(claim: Claim) -> dict[str, object]:
    return {
        "two_factor": claim.staff_two_factor,
        "channel": claim.channel,
        "service": claim.service,
    }


def _others_than(*names: str) -> set[str]:
    return {field.name for field in Claim._meta.fields} - set(names)


def _failed(claim: Claim) -> list[str]:
    return [finding.clause.value for finding in claim.assess().failed]
