"""The return of the price that an offer promises, if the customer gets no replacement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError

from accounts.models import User
from claims import policy
from claims.actions.core.claim_columns import refresh
from claims.actions.core.events import record
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.orders.single_returns import return_price
from claims.actions.review.approvals import refuse_to_approve
from claims.actions.review.decisions import decide
from claims.models import Claim, Decision, Event, Offer
from claims.queries.review.approval_limits import exceeded_limit

Status = Claim.Status


def keep_promise(claim: Claim, offer: Offer, *, by: User | None, now: datetime, **why: Any) -> None:
    """Return the promised price of a locked claim, or give the claim back to the reviewers.

    The claim goes back to them if nobody could approve the return now, because a fact was corrected
    or the limit lowered since. `by` is the customer who chose, or None; `why` joins the event's
    data.
    """
    facts = claim.facts()
    if not _is_payable(claim, offer, policy.assess(facts, claim.order.policy_version.terms)):
        _give_back(claim, by=by, now=now, **why)
        return
    transfer = return_price(claim.order, now=now)
    _, change = decide(
        claim,
        Status.REFUNDED,
        outcome=Decision.Outcome.REFUND,
        facts=facts,
        by=offer.by,
        approval=offer.approval,
        now=now,
        note="",
        answers=offer.answers,
        transfer=transfer,
    )
    event = record(
        claim, Event.Kind.REFUNDED, at=now, actor=by, change=change,
        amount=str(claim.order.refundable), **why,
    )  # fmt: skip
    tell_customer(event)


def _is_payable(claim: Claim, offer: Offer, verdict: policy.Verdict) -> bool:
    try:
        refuse_to_approve(claim, verdict, offer.answers)
    except ValidationError:
        return False
    above = exceeded_limit(claim.order, claim.order.refundable)
    return offer.approval is not None or above is None


def _give_back(claim: Claim, *, by: User | None, now: datetime, **why: Any) -> None:
    change = claim.move(Status.SUBMITTED)
    event = record(claim, Event.Kind.OFFER_ANSWERED, at=now, actor=by, change=change, **why)
    refresh(claim)
    tell_customer(event)
