"""Repairs of a defect: started, finished or given up."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from claims.actions.review.conversation import tell_step
from claims.actions.review.decisions import announce, decide
from claims.actions.review.guards import (
    lock_for_review,
    refuse_empty,
)
from claims.actions.review.leases import end_lease
from claims.models import (
    Claim,
    Decision,
    Event,
)
from claims.queries.core.claim_actions import ActionName


@transaction.atomic(durable=True)
def mark_repaired(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Decision:
    """End a claim about a repaired defect, and tell the customer.

    Raises `ValidationError`: `repair` for another kind of claim, `note` when there is none,
    `status` unless the repair has started, `another-person` if this person decided before an
    appeal, `closed`, `lease`, `moved-on`; raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, ActionName.MARK_REPAIRED, by=by, seen=seen, now=now)
    refuse_empty(note)
    decision, change = decide(
        claim,
        Claim.Status.REPAIRED,
        outcome=Decision.Outcome.REPAIR,
        facts=claim.facts(),
        by=by,
        now=now,
        note=note,
    )
    announce(claim, Event.Kind.REPAIRED, change, by=by, now=now, note=note.strip())
    return decision


@transaction.atomic(durable=True)
def start_repair(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Claim:
    """Start the repair of a defect, and assign the claim to the reviewer unless it has an assignee.

    The time to resolve the defect still runs from the filing. Raises `ValidationError`: `repair`
    for another kind of claim, `status`, `another-person` if this person decided before an appeal,
    `closed`, `lease`, `moved-on`; raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, ActionName.START_REPAIR, by=by, seen=seen, now=now)
    change = claim.move(Claim.Status.REPAIRING)
    claim.assignee = claim.assignee or by
    claim.save(update_fields=["assignee"])
    claim.forget_question()
    end_lease(claim)
    tell_step(claim, Event.Kind.REPAIR_STARTED, change, by=by, note=note, now=now)
    return claim


@transaction.atomic(durable=True)
def give_up_repair(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Claim:
    """End a repair that failed. A remedy is due at once, and the reviewer keeps the lease.

    Raises `ValidationError`: `status` unless the repair has started, and else as `start_repair`.
    """
    claim = lock_for_review(claim_id, ActionName.GIVE_UP_REPAIR, by=by, seen=seen, now=now)
    change = claim.move(Claim.Status.SUBMITTED)
    claim.due_at = min(claim.due_at, max(now, claim.filed_at))
    claim.save(update_fields=["due_at"])
    tell_step(claim, Event.Kind.NOT_REPAIRABLE, change, by=by, note=note, now=now)
    return claim
