"""How a person ends a claim, or asks its customer for more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import ledger
from accounts.models import CreditTransfer, User
from claims import policy
from claims.actions.locking import lock_claim, refuse_closed
from claims.actions.recording import keep_receipt, record, tell_customer
from claims.actions.returning import return_of
from claims.models import Claim, Decision, Event, Message, Order, Receipt


@transaction.atomic(durable=True)
def approve(
    *, claim_id: int, by: User, seen: int, answers: Mapping[str, str], note: str, now: datetime
) -> Decision:
    """Return the price of the order to the customer's credit balance, once, for good.

    `seen` is the id of the newest event that the reviewer had before them; `answers` says `met` or
    `failed` for each clause that only a person can decide. Raises `ValidationError` while a clause
    fails (its slug), a question is open (`unanswered`) or answered against the claim (its slug), or
    when the claim has moved on (`closed`, `moved-on`); raises `PermissionDenied`.
    """
    claim = _lock_for_review(claim_id, by=by, seen=seen)
    facts = claim.facts()
    verdict = policy.assess(facts, claim.order.policy_version.terms)
    _refuse_failed(verdict)
    _refuse_unanswered(verdict, answers)
    transfer = _return_price(claim.order, now=now)
    claim.close(Claim.Status.REFUNDED, at=now)
    decision = Decision.objects.create(
        claim=claim,
        outcome=Decision.Outcome.REFUND,
        note=note.strip(),
        answers=_answered(verdict, answers),
        by=by,
        decided_at=now,
        receipt=keep_receipt(claim=claim, occasion=Receipt.Occasion.DECIDED, facts=facts, now=now),
        transfer=transfer,
    )
    event = record(
        claim, Event.Kind.REFUNDED, at=now, actor=by, amount=str(transfer.amount), note=note.strip()
    )
    tell_customer(event)
    return decision


@transaction.atomic(durable=True)
def reject(
    *,
    claim_id: int,
    by: User,
    seen: int,
    answers: Mapping[str, str],
    clause: str,
    terms_section: str = "",
    note: str,
    now: datetime,
) -> Decision:
    """End the claim without a return, naming the clause it fails and saying why.

    `clause` must be one of the claim's `policy.grounds`. Raises `ValidationError` when it isn't
    (`clause`), when the section of the terms (`terms`) or the note (`note`) is missing, or when the
    claim has moved on (`closed`, `moved-on`); raises `PermissionDenied`.
    """
    claim = _lock_for_review(claim_id, by=by, seen=seen)
    facts = claim.facts()
    verdict = policy.assess(facts, claim.order.policy_version.terms)
    _refuse_groundless(verdict, clause=clause, terms_section=terms_section, note=note)
    claim.close(Claim.Status.REJECTED, at=now)
    decision = Decision.objects.create(
        claim=claim,
        outcome=Decision.Outcome.REJECTION,
        clause=clause,
        terms_section=terms_section,
        note=note.strip(),
        answers=_answered(verdict, {**answers, clause: policy.Outcome.FAILED}),
        by=by,
        decided_at=now,
        receipt=keep_receipt(claim=claim, occasion=Receipt.Occasion.DECIDED, facts=facts, now=now),
    )
    event = record(claim, Event.Kind.REJECTED, at=now, actor=by, clause=clause, note=note.strip())
    tell_customer(event)
    return decision


@transaction.atomic(durable=True)
def ask_for_evidence(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Message:
    """Ask the customer for more. The claim waits for them until they answer.

    Raises `ValidationError`: `note` when there is none, `closed`, `moved-on`.
    """
    claim = _lock_for_review(claim_id, by=by, seen=seen)
    _refuse_empty(note)
    message = Message.objects.create(
        claim=claim, author=by, from_staff=True, body=note.strip(), sent_at=now
    )
    if claim.status == Claim.Status.SUBMITTED:
        claim.move(Claim.Status.WAITING_CUSTOMER)
    event = record(claim, Event.Kind.EVIDENCE_REQUESTED, at=now, actor=by, note=note.strip())
    tell_customer(event)
    return message


def _lock_for_review(claim_id: int, *, by: User, seen: int) -> Claim:
    if not by.has_perm("claims.review_claim"):
        raise PermissionDenied("Only Support and Supervisors decide claims.")
    claim = lock_claim(claim_id)
    if claim.order.customer_id == by.pk:
        raise PermissionDenied("Nobody decides a claim of their own.")
    _refuse_decided(claim)
    refuse_closed(claim)
    _refuse_moved_on(claim, seen=seen)
    return claim


def _refuse_decided(claim: Claim) -> None:
    decision = Decision.objects.filter(claim=claim).select_related("by").first()
    if decision:
        raise ValidationError(
            "%(who)s has decided this claim: %(outcome)s, %(at)s. Nothing has changed now.",
            code="closed",
            params={
                "who": decision.by,
                "outcome": decision.get_outcome_display(),
                "at": policy.in_words(decision.decided_at),
            },
        )


def _refuse_moved_on(claim: Claim, *, seen: int) -> None:
    later = claim.events.filter(pk__gt=seen).select_related("actor")
    if later:
        told = "; ".join(
            f"{event.get_kind_display()} ({event.actor or 'system'}, {event.at:%H:%M} UTC)"
            for event in later
        )
        raise ValidationError(
            "The claim has moved on while you were looking: %(told)s. Look at it again.",
            code="moved-on",
            params={"told": told},
        )


def _refuse_failed(verdict: policy.Verdict) -> None:
    if verdict.failed:
        raise ValidationError([ValidationError(f.message, code=f.clause) for f in verdict.failed])


def _refuse_unanswered(verdict: policy.Verdict, answers: Mapping[str, str]) -> None:
    problems = []
    for finding in verdict.for_reviewer:
        title = policy.TITLES[finding.clause]
        answer = answers.get(finding.clause)
        if answer == policy.Outcome.FAILED:
            problems.append(
                ValidationError(f"{title}: answered against the claim.", code=finding.clause)
            )
        elif answer != policy.Outcome.MET:
            problems.append(
                ValidationError(f"{title}: answer the question first.", code="unanswered")
            )
    if problems:
        raise ValidationError(problems)


def _refuse_groundless(
    verdict: policy.Verdict, *, clause: str, terms_section: str, note: str
) -> None:
    if clause not in {finding.clause for finding in policy.grounds(verdict)}:
        raise ValidationError("Choose a clause that the claim fails.", code="clause")
    if clause == policy.Clause.TERMS and not terms_section.strip():
        raise ValidationError(
            "Name the section of the terms that the claim conflicts with.", code="terms"
        )
    _refuse_empty(note)


def _refuse_empty(note: str) -> None:
    if not note.strip():
        raise ValidationError("Write a note: the customer reads it.", code="note")


def _answered(verdict: policy.Verdict, answers: Mapping[str, str]) -> dict[str, str]:
    """The answers to questions that this claim really asks."""
    asked = {finding.clause.value for finding in verdict.for_reviewer}
    return {clause: answer for clause, answer in answers.items() if clause in asked and answer}


def _return_price(order: Order, *, now: datetime) -> CreditTransfer:
    transfer = ledger.move(return_of(order, now=now))
    order.returned_at = now
    order.return_transfer = transfer
    order.save(update_fields=["returned_at", "return_transfer"])
    return transfer
