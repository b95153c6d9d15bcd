"""How a person ends a claim. What pays needs a second person above a limit."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts import ledger
from accounts.models import CreditTransfer, User
from claims import policy, queries
from claims.actions.leasing import end_lease
from claims.actions.recording import keep_receipt, record, tell_customer
from claims.actions.returning import return_of
from claims.actions.reviewing import (
    answered,
    lock_for_review,
    refuse_empty,
    refuse_requested,
    refuse_status,
)
from claims.actions.telling_shop import tell_of_decision, tell_of_returns
from claims.models import (
    Approval,
    ApprovalLimit,
    Change,
    Claim,
    Decision,
    Event,
    Order,
    Receipt,
)
from claims.models.statuses import OPEN

Outcome = Decision.Outcome
JUDGED = "You decided this claim before its customer appealed. Somebody else decides it now."
REJECTABLE = frozenset(OPEN) - {Claim.Status.OFFERED}


@transaction.atomic(durable=True)
def approve(
    *, claim_id: int, by: User, seen: int, answers: Mapping[str, str], note: str, now: datetime
) -> Decision | Approval:
    """Return the price of the order to the customer's credit balance, once, for good.

    `seen` is the id of the newest event that the reviewer had before them; `answers` says `met` or
    `failed` for each clause that only a person can decide. Above the approval limit the first
    person's approval is kept, and the price goes back with the second's. Raises `ValidationError`
    while a clause fails (its slug), a question is open (`unanswered`) or answered against the claim
    (its slug), when the same person approves twice (`second-person`), or when the claim has moved
    on (`closed`, `lease`, `moved-on`); raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
    return approve_locked(claim, by=by, answers=answers, note=note, now=now)


def approve_locked(
    claim: Claim,
    *,
    by: User,
    answers: Mapping[str, str],
    note: str,
    now: datetime,
    **told: Any,
) -> Decision | Approval:
    """`approve`, for a claim that is locked already; `told` joins the event's data."""
    refuse_requested(claim)
    facts = claim.facts()
    verdict = policy.assess(facts, claim.order.policy_version.terms)
    refuse_to_approve(verdict, answers)
    given = answered(verdict, answers)
    if takes_two(claim, Outcome.REFUND, claim.order.refundable, by=by):
        payment = (Approval.Outcome.REFUND, claim.order.refundable)
        return approve_first(claim, *payment, by=by, answers=given, note=note, now=now)
    transfer = return_price(claim.order, now=now)
    decision, change = decide(
        claim,
        Claim.Status.REFUNDED,
        outcome=Outcome.REFUND,
        facts=facts,
        by=by,
        now=now,
        note=note,
        answers=given,
        transfer=transfer,
        approval=claim.approval,
    )
    _tell(
        claim, Event.Kind.REFUNDED, change, by=by, now=now,
        amount=str(transfer.amount), note=note.strip(), **told,
    )  # fmt: skip
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
    claim has moved on (`closed`, `lease`, `moved-on`, `status`); raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
    refuse_status(claim, REJECTABLE, "A rejection")
    facts = claim.facts()
    verdict = policy.assess(facts, claim.order.policy_version.terms)
    refuse_groundless(verdict, clause=clause, terms_section=terms_section)
    refuse_empty(note)
    decision, change = decide(
        claim,
        Claim.Status.REJECTED,
        outcome=Outcome.REJECTION,
        facts=facts,
        by=by,
        now=now,
        note=note,
        answers=answered(verdict, {**answers, clause: policy.Outcome.FAILED}),
        clause=clause,
        terms_section=terms_section,
    )
    _tell(claim, Event.Kind.REJECTED, change, by=by, now=now, clause=clause, note=note.strip())
    return decision


@transaction.atomic(durable=True)
def give_goodwill(
    *, claim_id: int, by: User, seen: int, amount: Decimal, note: str, now: datetime
) -> Decision | Approval:
    """Credit up to the price outside the policy, and end the claim. Supervisors alone.

    The order counts as returned, whatever the amount. Raises `ValidationError` (`amount`, `note`,
    `already-returned`, `second-person`, and what `approve` raises of a claim that has moved on);
    raises `PermissionDenied`.
    """
    if not by.has_perm("claims.give_goodwill"):
        raise PermissionDenied("Only Supervisors give goodwill.")
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
    refuse_requested(claim)
    _refuse_amount(claim.order, amount)
    refuse_empty(note)
    if takes_two(claim, Outcome.GOODWILL, amount, by=by):
        payment = (Approval.Outcome.GOODWILL, amount)
        return approve_first(claim, *payment, by=by, answers={}, note=note, now=now)
    transfer = return_price(claim.order, now=now, kind=CreditTransfer.Kind.GOODWILL, amount=amount)
    decision, change = decide(
        claim,
        Claim.Status.REFUNDED,
        outcome=Outcome.GOODWILL,
        facts=claim.facts(),
        by=by,
        now=now,
        note=note,
        transfer=transfer,
        approval=claim.approval,
    )
    _tell(
        claim, Event.Kind.GOODWILL, change, by=by, now=now,
        amount=str(transfer.amount), note=note.strip(),
    )  # fmt: skip
    return decision


@transaction.atomic(durable=True)
def mark_repaired(*, claim_id: int, by: User, seen: int, note: str, now: datetime) -> Decision:
    """End a claim about a defect that is resolved, and tell the customer.

    Raises `ValidationError`: `note` when there is none, `status` unless the repair has started, and
    what `approve` raises of a claim that has moved on; raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
    refuse_status(claim, {Claim.Status.REPAIRING}, "Repaired")
    refuse_empty(note)
    decision, change = decide(
        claim,
        Claim.Status.REPAIRED,
        outcome=Outcome.REPAIR,
        facts=claim.facts(),
        by=by,
        now=now,
        note=note,
    )
    _tell(claim, Event.Kind.REPAIRED, change, by=by, now=now, note=note.strip())
    return decision


def decide(
    claim: Claim,
    status: str,
    *,
    outcome: Decision.Outcome,
    facts: policy.Facts,
    by: User | None,
    now: datetime,
    note: str,
    answers: Mapping[str, str] | None = None,
    transfer: CreditTransfer | None = None,
    approval: Approval | None = None,
    clause: str = "",
    terms_section: str = "",
) -> tuple[Decision, Change]:
    """Write the decision with its receipt, and close the locked claim with it.

    By nobody, when time has decided.
    """
    refuse_who_judged_before(claim, by)
    again = [Event.Kind.REOPENED, Event.Kind.APPEALED, Event.Kind.OBJECTED]
    reopened = claim.events.filter(kind__in=again).count()
    decision = Decision.objects.create(
        claim=claim,
        # Not by the decisions that are there: then a second one would find a round of its own.
        round=1 + reopened,
        outcome=outcome,
        clause=clause,
        terms_section=terms_section,
        note=note.strip(),
        answers=dict(answers or {}),
        by=by,
        approval=approval,
        decided_at=now,
        receipt=keep_receipt(claim=claim, occasion=Receipt.Occasion.DECIDED, facts=facts, now=now),
        transfer=transfer,
    )
    change = claim.close(status, at=now, decision=decision)
    end_lease(claim)
    tell_of_decision(decision)
    if transfer:
        cause = "goodwill" if transfer.kind == CreditTransfer.Kind.GOODWILL else "claim"
        tell_of_returns([(claim.order, transfer)], cause=cause, now=now)
    return decision, change


def _tell(
    claim: Claim, kind: Event.Kind, change: Change, *, by: User, now: datetime, **data: Any
) -> None:
    tell_customer(record(claim, kind, at=now, actor=by, change=change, **data))


def takes_two(claim: Claim, outcome: Decision.Outcome, amount: Decimal, *, by: User) -> bool:
    """Whether somebody else has to approve this payment after this person.

    Raises `ValidationError` (`second-person`) when this person was the first already.
    """
    limit = _limit_below(claim.order, amount)
    if limit is None:
        return False
    first = claim.approval
    if first is None or (first.outcome, first.amount) != (outcome, amount):
        return True
    if first.by_id == by.pk:
        raise ValidationError(
            "You have approved this already. It is more than %(limit)s, so somebody else has to"
            " approve it, too.",
            code="second-person",
            params={"limit": limit},
        )
    return False


def is_above_limit(order: Order, amount: Decimal) -> bool:
    """Whether it is more than one person pays alone."""
    return _limit_below(order, amount) is not None


def _limit_below(order: Order, amount: Decimal) -> ApprovalLimit | None:
    limits = ApprovalLimit.objects.filter(currency=order.currency, amount__lt=amount)
    return limits.first()


def approve_first(
    claim: Claim,
    outcome: Approval.Outcome,
    amount: Decimal,
    *,
    by: User,
    answers: Mapping[str, str],
    note: str,
    now: datetime,
) -> Approval:
    """Keep what the first of two people wants to pay, and leave the claim to the second."""
    refuse_who_judged_before(claim, by)
    approval = Approval.objects.create(
        claim=claim,
        outcome=outcome,
        amount=amount,
        currency=claim.order.currency,
        answers=dict(answers),
        note=note.strip(),
        by=by,
        made_at=now,
    )
    claim.approval = approval
    claim.assignee = None
    claim.save(update_fields=["approval", "assignee"])
    end_lease(claim)
    record(
        claim, Event.Kind.APPROVED_FIRST, at=now, actor=by, amount=str(amount), outcome=str(outcome)
    )
    return approval


def refuse_who_judged_before(claim: Claim, by: User | None) -> None:
    """Raise `ValidationError` (`another-person`) for who decided before an appeal; never nobody."""
    if by:
        refuse_judged(claim, queries.judged_among([claim.pk], by=by))


def refuse_judged(claim: Claim, judged: Collection[int]) -> None:
    """Raise `ValidationError` (`another-person`) for one of `queries.judged_among`."""
    if claim.pk in judged:
        raise ValidationError(JUDGED, code="another-person")


def _refuse_amount(order: Order, amount: Decimal) -> None:
    if order.is_remedied:
        raise ValidationError(
            "The price of this order has gone back already.", code=policy.Clause.ALREADY_RETURNED
        )
    if not 0 < amount <= order.refundable:
        raise ValidationError(
            "Goodwill is more than nothing and at most the price, %(price)s %(currency)s.",
            code="amount",
            params={"price": order.refundable, "currency": order.currency},
        )


def refuse_to_approve(verdict: policy.Verdict, answers: Mapping[str, str]) -> None:
    """Raise `ValidationError` while a clause fails or a question isn't answered for the claim."""
    _refuse_failed(verdict)
    _refuse_unanswered(verdict, answers)


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


def refuse_groundless(verdict: policy.Verdict, *, clause: str, terms_section: str) -> None:
    """Raise `ValidationError` (`clause`, `terms`) unless the claim can be rejected on this."""
    if clause not in {finding.clause for finding in policy.grounds(verdict)}:
        raise ValidationError("Choose a clause that the claim fails.", code="clause")
    if clause == policy.Clause.TERMS and not terms_section.strip():
        raise ValidationError(
            "Name the section of the terms that the claim conflicts with.", code="terms"
        )


def return_price(
    order: Order,
    *,
    now: datetime,
    kind: CreditTransfer.Kind = CreditTransfer.Kind.RETURN,
    amount: Decimal | None = None,
) -> CreditTransfer:
    """Move the price, or a part of it as goodwill, and mark the locked order as returned."""
    transfer = ledger.move(return_of(order, now=now, kind=kind, amount=amount))
    order.returned_at = now
    order.return_transfer = transfer
    order.save(update_fields=["returned_at", "return_transfer"])
    return transfer
