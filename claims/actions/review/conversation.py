"""The conversation between reviewers and the customer of a claim."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from claims.actions.core.events import record
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.review.guards import (
    lock_for_review,
    refuse_empty,
)
from claims.actions.review.leases import end_lease
from claims.models import Change, Claim, Event, Message
from claims.queries.core.claim_actions import ActionName

Status = Claim.Status


@transaction.atomic(durable=True)
def ask_for_evidence(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Message:
    """Ask the customer for more. The claim waits for the answer, but a repair goes on.

    Raises `ValidationError`: `note` when there is none, `status` while a replacement is on offer,
    `closed`, `lease`, `moved-on`; raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, ActionName.ASK, by=by, seen=seen, now=now)
    refuse_empty(note)
    message = _write(claim, by=by, note=note, now=now)
    change = claim.wait(at=now)
    end_lease(claim)
    event = record(
        claim, Event.Kind.EVIDENCE_REQUESTED, at=now, actor=by, change=change, note=note.strip()
    )
    tell_customer(event)
    return message


@transaction.atomic(durable=True)
def reply(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Message:
    """Write to the customer; the claim keeps its status. Raises as `ask_for_evidence`."""
    claim = lock_for_review(claim_id, ActionName.REPLY, by=by, seen=seen, now=now)
    refuse_empty(note)
    message = _write(claim, by=by, note=note, now=now)
    tell_customer(record(claim, Event.Kind.REPLIED, at=now, actor=by, note=note.strip()))
    return message


def _write(claim: Claim, *, by: User, note: str, now: datetime) -> Message:
    return Message.objects.create(
        claim=claim, author=by, from_staff=True, body=note.strip(), sent_at=now
    )


def tell_step(
    claim: Claim, kind: Event.Kind, change: Change, *, by: User, note: str, now: datetime
) -> None:
    """Record a step, and tell the customer of it with the reviewer's note, if there is one."""
    if note.strip():
        _write(claim, by=by, note=note, now=now)
    tell_customer(record(claim, kind, at=now, actor=by, change=change, note=note.strip()))
