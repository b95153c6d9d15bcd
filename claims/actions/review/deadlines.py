"""The steps that a claim takes because time has passed. Any number of sweeps take each once."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from django.conf import settings
from django.db import transaction

from claims import policy, queries
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claim_if_free
from claims.actions.core.notice_outbox import tell_customer, tell_staff
from claims.actions.review.decisions import decide
from claims.models import Claim, Decision, Event
from claims.queries.customer.time_limits import answer_until

Clause = policy.Clause


@transaction.atomic(durable=True)
def remind(*, claim_id: int, now: datetime) -> bool:
    """Remind the customer once that the claim waits for them; return True if it was time to.

    A claim that another transaction locks is left to the next sweep.
    """
    claim = lock_claim_if_free(claim_id)
    if claim is None or not queries.to_be_reminded(now=now).filter(pk=claim_id).exists():
        return False
    claim.reminded_at = now
    claim.save(update_fields=["reminded_at"])
    until = answer_until(claim).isoformat()
    tell_customer(record(claim, Event.Kind.REMINDED, at=now, actor=None, until=until))
    return True


@transaction.atomic(durable=True)
def give_up(*, claim_id: int, now: datetime) -> bool:
    """Reject a claim whose customer didn't answer in time; return True if it was time to.

    A claim that a reviewer holds a lease on, or that another transaction locks, waits for a later
    sweep.
    """
    claim = lock_claim_if_free(claim_id)
    if claim is None or not queries.to_be_given_up(now=now).filter(pk=claim_id).exists():
        return False
    facts = claim.facts()
    clause = _unshown(policy.assess(facts, claim.order.policy_version.terms), claim.kind)
    days = settings.GIVE_UP_DAYS
    note = f"We asked you for something, and no answer came within {days} days."
    _, change = decide(
        claim,
        Claim.Status.REJECTED,
        outcome=Decision.Outcome.REJECTION,
        facts=facts,
        by=None,
        now=now,
        note=note,
        clause=clause,
    )
    rejected = Event.Kind.REJECTED
    tell_customer(
        record(claim, rejected, at=now, actor=None, change=change, clause=clause, note=note)
    )
    return True


@transaction.atomic(durable=True)
def say_remedy_is_due(*, claim_id: int, now: datetime) -> bool:
    """Tell staff once that the time to resolve a defect is over; return True if it was time to."""
    claim = lock_claim_if_free(claim_id)
    if claim is None or not queries.to_be_remedied(now=now).filter(pk=claim_id).exists():
        return False
    tell_staff(record(claim, Event.Kind.REMEDY_DUE, at=now, actor=None))
    return True


def _unshown(verdict: policy.Verdict, kind: str) -> str:
    """Return the first clause that fails, or else the clause that decides a claim of this kind."""
    failed = [finding.clause for finding in verdict.failed]
    return failed[0] if failed else _turning_on(Claim.Kind(kind))


def _turning_on(kind: Claim.Kind) -> Clause:
    match kind:
        case Claim.Kind.SMS_NOT_RECEIVED:
            return Clause.SERVER_SIDE
        case Claim.Kind.INVALID_NUMBER:
            return Clause.PROOF
        case Claim.Kind.MAJOR_DEFECT:
            return Clause.CRITICAL_DEFECT
        case _:
            assert_never(kind)
