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

SERVICE_UNKNOWN = _(
    "Nobody has said which service this is, so the policy can't be applied. Map its name on the"
    " page Services, or correct the facts."
)
UNMAPPED = _(
    "The shop is asked for a number of the same service: map the name of the service on the page"
    " Services first."
)


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


def refuse_to_approve(claim: Claim, verdict: policy.Verdict, answers: Mapping[str, str]) -> None:
    """Raise `ValidationError` unless the service is known, no clause fails and each question has
    the answer `met`.
    """
    refuse_unknown_service(claim)
    _refuse_failed(verdict)
    _refuse_unanswered(verdict, answers)


def refuse_unknown_service(claim: Claim) -> None:
    """Raise `ValidationError` (`service-unknown`) until staff have said which service it is."""
    if is_of_unknown_service(claim):
        raise ValidationError(SERVICE_UNKNOWN, code="service-unknown")


def is_of_unknown_service(claim: Claim) -> bool:
    return claim.order.number is not None and not claim.service


def refuse_unmapped(claim: Claim) -> None:
    """Raise `ValidationError` (`service-unknown`) unless the order itself has a known service."""
    if is_unmapped(claim):
        raise ValidationError(UNMAPPED, code="service-unknown")


def is_unmapped(claim: Claim) -> bool:
    """Return True if the name of the order's service is unmapped, whatever staff corrected."""
    number = claim.order.number
    return number is not None and number.service_id is None


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
