"""Approvals: the first of two people, and the verdict and answers that an approval needs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import policy, queries, wording
from claims.actions.core.events import record
from claims.actions.review.leases import end_lease
from claims.models import Approval, Claim, Decision, Event
from claims.queries.review.approval_limits import Turn, exceeded_limit, turn_of

JUDGED = "You decided this claim before its customer appealed. Somebody else decides it now."


def takes_two(claim: Claim, outcome: Decision.Outcome, amount: Decimal, *, by: User) -> bool:
    """Return True if another person has to approve this payment after this one.

    Raises `ValidationError` (`second-person`) if this person was the first already.
    """
    turn = turn_of(claim, outcome, amount, by=by)
    if turn == Turn.PAST:
        raise ValidationError(
            _(
                "You have approved this already. It is more than %(limit)s, so somebody else has to"
                " approve it, too."
            ),
            code="second-person",
            params={"limit": exceeded_limit(claim.order, amount)},
        )
    return turn == Turn.FIRST


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
    """Store the first of two people's approval, and leave the claim to the second.

    Raises `ValidationError` (`another-person`).
    """
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
    """Raise `ValidationError` (`another-person`) if `by` decided the claim before its appeal."""
    if by:
        refuse_judged(claim, queries.judged_among([claim.pk], by=by))


def refuse_judged(claim: Claim, judged: Collection[int]) -> None:
    """Raise `ValidationError` (`another-person`) if the claim is one of `queries.judged_among`."""
    if claim.pk in judged:
        raise ValidationError(JUDGED, code="another-person")


def refuse_to_approve(verdict: policy.Verdict, answers: Mapping[str, str]) -> None:
    """Raise `ValidationError` unless no clause fails and each question has the answer `met`."""
    _refuse_failed(verdict)
    _refuse_unanswered(verdict, answers)


def _refuse_failed(verdict: policy.Verdict) -> None:
    if verdict.failed:
        raise ValidationError(wording.refusals(verdict.failed))


def _refuse_unanswered(verdict: policy.Verdict, answers: Mapping[str, str]) -> None:
    problems = []
    for finding in verdict.for_reviewer:
        title = wording.title(finding.clause)
        answer = answers.get(finding.clause)
        if answer == policy.Outcome.FAILED:
            problems.append(
                ValidationError(
                    _("%(title)s: answered against the claim."),
                    code=finding.clause,
                    params={"title": title},
                )
            )
        elif answer != policy.Outcome.MET:
            problems.append(
                ValidationError(
                    _("%(title)s: answer the question first."),
                    code="unanswered",
                    params={"title": title},
                )
            )
    if problems:
        raise ValidationError(problems)
