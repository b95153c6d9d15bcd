"""Decisions, by which a person ends a claim. Above a limit, a payment needs two people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import CreditTransfer, User
from claims import policy
from claims.actions.core.events import record
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.core.receipts import keep_receipt
from claims.actions.core.shop_outbox import tell_of_decision, tell_of_returns
from claims.actions.orders.single_returns import return_price
from claims.actions.review.approvals import (
    approve_first,
    refuse_to_approve,
    refuse_who_judged_before,
    takes_two,
)
from claims.actions.review.guards import (
    answered,
    lock_for_review,
    refuse_empty,
)
from claims.actions.review.leases import end_lease
from claims.formats.currencies import digits_of
from claims.models import (
    Approval,
    Change,
    Claim,
    Decision,
    Event,
    Order,
    Receipt,
)
from claims.queries.core.claim_actions import ActionName
from claims.wording.amounts import plain

Outcome = Decision.Outcome


@transaction.atomic(durable=True)
def approve(
    *, claim_id: int, by: User, seen: int, answers: Mapping[str, str], note: str, now: datetime
) -> Decision | Approval:
    """Return the price of the order to the customer's credit balance, once, for good.

    `seen` is the id of the newest event that the reviewer has seen; `answers` has `met` or `failed`
    for each clause that only a person can decide. Above the approval limit, the first person leaves
    an `Approval`, and the second returns the price. Raises `ValidationError` while a clause fails
    (its slug), a question is open (`unanswered`) or answered against the claim (its slug), when the
    same person approves twice (`second-person`), when this person decided before an appeal
    (`another-person`), while the shop has a request for a replacement (`replacement`), or when the
    claim has moved on (`closed`, `lease`, `moved-on`); raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, ActionName.APPROVE, by=by, seen=seen, now=now)
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
    """Approve a claim that the caller has locked. `told` joins the event's data."""
    facts = claim.facts()
    verdict = policy.assess(facts, claim.order.policy_version.terms)
    refuse_to_approve(claim, verdict, answers)
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
    announce(
        claim, Event.Kind.REFUNDED, change, by=by, now=now,
        amount=str(claim.order.refundable), note=note.strip(), **told,
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
    """End the claim without a return; the decision names the clause that it fails, and why.

    `clause` must be one of the claim's `policy.grounds`. Raises `ValidationError` when it isn't
    (`clause`), when the section of the terms (`terms`) or the note (`note`) is missing, when this
    person decided before an appeal (`another-person`), or when the claim has moved on (`closed`,
    `lease`, `moved-on`, `status`); raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, ActionName.REJECT, by=by, seen=seen, now=now)
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
    announce(claim, Event.Kind.REJECTED, change, by=by, now=now, clause=clause, note=note.strip())
    return decision


@transaction.atomic(durable=True)
def give_goodwill(
    *, claim_id: int, by: User, seen: int, amount: Decimal, note: str, now: datetime
) -> Decision | Approval:
    """Credit an amount up to the price outside the policy, and end the claim. Supervisors only.

    The order counts as returned, whatever the amount. Raises `ValidationError` (`amount`, `note`,
    `already-returned`, and what `approve` raises, except for clauses and questions); raises
    `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, ActionName.GIVE_GOODWILL, by=by, seen=seen, now=now)
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
    announce(
        claim, Event.Kind.GOODWILL, change, by=by, now=now,
        amount=str(amount), note=note.strip(),
    )  # fmt: skip
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
    """Store the decision with its receipt, close the locked claim, and tell the shop.

    `by` is None when a deadline decides. Raises `ValidationError` (`another-person`).
    """
    refuse_who_judged_before(claim, by)
    again = [Event.Kind.REOPENED, Event.Kind.APPEALED, Event.Kind.OBJECTED]
    reopened = claim.events.filter(kind__in=again).count()
    decision = Decision.objects.create(
        claim=claim,
        # Counting decisions would give a wrong second decision a round of its own.
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
    claim.decision = decision
    change = claim.close(status, at=now)
    end_lease(claim)
    tell_of_decision(decision)
    if transfer:
        cause = "goodwill" if transfer.kind == CreditTransfer.Kind.GOODWILL else "claim"
        tell_of_returns([(claim.order, transfer)], cause=cause, now=now)
    return decision, change


def announce(
    claim: Claim, kind: Event.Kind, change: Change, *, by: User, now: datetime, **data: Any
) -> None:
    tell_customer(record(claim, kind, at=now, actor=by, change=change, **data))


def _refuse_amount(order: Order, amount: Decimal) -> None:
    if order.is_remedied:
        raise ValidationError(
            _("The price of this order has gone back already."), code=policy.Clause.ALREADY_RETURNED
        )
    unit = Decimal(1).scaleb(-(digits_of(order.currency) or 0))
    if not unit <= amount <= order.refundable or amount % unit:
        raise ValidationError(
            _("Goodwill must be between %(unit)s and %(price)s %(currency)s."),
            code="amount",
            params={
                "unit": plain(unit),
                "price": plain(order.refundable),
                "currency": order.currency,
            },
        )


def refuse_groundless(verdict: policy.Verdict, *, clause: str, terms_section: str) -> None:
    """Raise `ValidationError` (`clause`, `terms`) unless this is a ground to reject the claim."""
    if clause not in {finding.clause for finding in policy.grounds(verdict)}:
        raise ValidationError(_("Choose a clause that the claim fails."), code="clause")
    if clause == policy.Clause.TERMS and not terms_section.strip():
        raise ValidationError(
            _("Name the section of the terms that the claim conflicts with."), code="terms"
        )
