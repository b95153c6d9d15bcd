"""What a reviewer does with a claim short of deciding it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.models import User
from claims import policy
from claims.actions.glancing import refresh
from claims.actions.leasing import end_lease, refuse_others_than_reviewers
from claims.actions.locking import lock_claim
from claims.actions.recording import record, tell_customer
from claims.actions.reviewing import (
    lock_for_review,
    refuse_empty,
    refuse_other_kinds,
    refuse_status,
)
from claims.models import Change, Claim, Event, Message, Note

Status = Claim.Status
UNSETTLED = frozenset({Status.SUBMITTED, Status.WAITING_CUSTOMER})


@transaction.atomic(durable=True)
def ask_for_evidence(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Message:
    """Ask the customer for more. The claim waits for them until they answer.

    Raises `ValidationError`: `note` when there is none, `closed`, `lease`, `moved-on`.
    """
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
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
    """Write to the customer; the claim stays where it is. Raises as `ask_for_evidence`."""
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
    refuse_empty(note)
    message = _write(claim, by=by, note=note, now=now)
    tell_customer(record(claim, Event.Kind.REPLIED, at=now, actor=by, note=note.strip()))
    return message


@transaction.atomic(durable=True)
def start_repair(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Claim:
    """Say that the defect is being worked on; it becomes the reviewer's own work.

    The time to resolve it runs from the filing and goes on. Raises `ValidationError`: `repair` for
    another kind of claim, `status`, `closed`, `lease`, `moved-on`.
    """
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
    refuse_other_kinds(claim)
    refuse_status(claim, UNSETTLED, "A repair")
    change = claim.move(Status.REPAIRING)
    claim.assignee = claim.assignee or by
    claim.save(update_fields=["assignee"])
    end_lease(claim)
    tell_step(claim, Event.Kind.REPAIR_STARTED, change, by=by, note=note, now=now)
    return claim


@transaction.atomic(durable=True)
def give_up_repair(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Claim:
    """Say that the defect can't be repaired: a remedy is due at once. The reviewer goes on with it.

    Raises `ValidationError`: `status` unless the repair has started, `closed`, `lease`, `moved-on`.
    """
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
    refuse_status(claim, {Status.REPAIRING}, "Giving up the repair")
    change = claim.move(Status.SUBMITTED)
    claim.due_at = min(claim.due_at, max(now, claim.filed_at))
    claim.save(update_fields=["due_at"])
    tell_step(claim, Event.Kind.NOT_REPAIRABLE, change, by=by, note=note, now=now)
    return claim


@transaction.atomic(durable=True)
def reopen(*, claim_id: int, by: User, note: str, now: datetime) -> Claim:
    """Give a rejected claim back to the reviewers, once. Supervisors alone.

    Raises `ValidationError`: `note` when there is none, `status` unless it is rejected, `reopened`
    the second time, `already-returned`, `one-live-claim`; raises `PermissionDenied`.
    """
    if not by.has_perm("claims.reopen_claim"):
        raise PermissionDenied("Only Supervisors reopen claims.")
    claim = lock_claim(claim_id)
    if claim.order.customer_id == by.pk:
        raise PermissionDenied("Nobody decides a claim of their own.")
    _refuse_to_reopen(claim, note=note)
    due_at = now + timedelta(hours=settings.DECISION_HOURS)
    change = claim.reopen(due_at=due_at)
    event = record(claim, Event.Kind.REOPENED, at=now, actor=by, change=change, note=note.strip())
    refresh(claim)
    tell_customer(event)
    return claim


def _refuse_to_reopen(claim: Claim, *, note: str) -> None:
    refuse_status(claim, {Status.REJECTED}, "Reopening")
    refuse_empty(note)
    if claim.events.filter(kind=Event.Kind.REOPENED).exists():
        raise ValidationError(
            "This claim was reopened before, which is possible once.", code="reopened"
        )
    if claim.order.is_remedied:
        raise ValidationError(
            "The price of this order has gone back meanwhile, or it was replaced.",
            code=policy.Clause.ALREADY_RETURNED,
        )
    if claim.has_live_sibling():
        raise ValidationError(
            "Another claim on this order is open.", code=policy.Clause.ONE_LIVE_CLAIM
        )


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What staff say of the facts that the policy turns on."""

    two_factor: bool
    """Staff say that the number asks for a password. What the shop or the customer says stays."""
    channel: str
    service: str


@transaction.atomic(durable=True)
def correct_facts(
    *, claim_id: int, by: User, seen: int, correction: Correction, note: str, now: datetime
) -> Claim:
    """Correct what the claim says of its order, and assess it again at once.

    The event has the facts and the failed clauses before and after. Raises `ValidationError`:
    `note` when there is none, `correction` when nothing changes, the fields' own codes, `closed`,
    `lease`, `moved-on`.
    """
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
    refuse_empty_reason(note)
    before = _facts_of(claim)
    claim.staff_two_factor = correction.two_factor
    claim.channel = correction.channel
    claim.service = correction.service
    if _facts_of(claim) == before:
        raise ValidationError("Nothing is different from what stands there.", code="correction")
    claim.clean_fields(exclude=_others_than("channel", "service"))
    before["failed"] = _failed(Claim.objects.get(pk=claim.pk))
    claim.save(update_fields=["staff_two_factor", "channel", "service"])
    refresh(claim)
    change = Change(before, _facts_of(claim) | {"failed": _failed(claim)})
    record(claim, Event.Kind.CORRECTED, at=now, actor=by, change=change, note=note.strip())
    return claim


def refuse_empty_reason(note: str) -> None:
    """Raise `ValidationError` (`note`) when nothing says why."""
    if not note.strip():
        raise ValidationError("Write why, for your colleagues.", code="note")


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


@transaction.atomic(durable=True)
def add_note(*, claim_id: int, by: User, body: str, now: datetime) -> Note:
    """Tell one's colleagues something. Needs no lease, and is possible on a closed claim, too.

    Raises `ValidationError` (`note`) when there is nothing to read; raises `PermissionDenied`.
    """
    refuse_others_than_reviewers(by)
    refuse_empty_reason(body)
    claim = lock_claim(claim_id)
    note = Note.objects.create(claim=claim, author=by, body=body.strip(), written_at=now)
    record(claim, Event.Kind.NOTED, at=now, actor=by, note=note.pk)
    return note


@transaction.atomic(durable=True)
def assign(*, claim_ids: Sequence[int], to: User | None, by: User, now: datetime) -> list[Claim]:
    """Make open claims somebody's work, or nobody's; answers those that were not so already.

    What is closed is left out. Raises `ValidationError` (`assignee`) for who doesn't decide claims;
    raises `PermissionDenied`.
    """
    refuse_others_than_reviewers(by)
    refuse_assignee(to)
    claims = Claim.objects.select_for_update(of=("self",)).filter(pk__in=claim_ids)
    changed = []
    for claim in claims.select_related("order", "assignee").order_by("pk"):
        if claim.is_open and claim.assignee != to:
            assign_locked(claim, to, by=by, now=now)
            changed.append(claim)
    return changed


def refuse_assignee(to: User | None) -> None:
    """Raise `ValidationError` (`assignee`) for who doesn't decide claims."""
    if to and not (to.is_active and to.is_staff and to.has_perm("claims.review_claim")):
        raise ValidationError("Assign claims to someone who decides them.", code="assignee")


def assign_locked(claim: Claim, to: User | None, *, by: User, now: datetime) -> None:
    """`assign`, for one open claim that is locked already."""
    change = Change(
        {"assignee": claim.assignee.email if claim.assignee else None},
        {"assignee": to.email if to else None},
    )
    claim.assignee = to
    claim.save(update_fields=["assignee"])
    record(claim, Event.Kind.ASSIGNED, at=now, actor=by, change=change)


def _write(claim: Claim, *, by: User, note: str, now: datetime) -> Message:
    return Message.objects.create(
        claim=claim, author=by, from_staff=True, body=note.strip(), sent_at=now
    )


def tell_step(
    claim: Claim, kind: Event.Kind, change: Change, *, by: User, note: str, now: datetime
) -> None:
    """A step that the customer is told of, with what the reviewer writes about it, if anything."""
    if note.strip():
        _write(claim, by=by, note=note, now=now)
    tell_customer(record(claim, kind, at=now, actor=by, change=change, note=note.strip()))
