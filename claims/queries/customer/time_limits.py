"""The deadlines for a customer's answer, appeal, objection or choice."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from claims.models import Claim, Event, Offer
from claims.queries.core.claim_actions import ActionName, action_of


def appeal_until(claim: Claim) -> datetime | None:
    """Return the deadline for appealing a rejection; None if it can't be appealed any more."""
    return _until(claim, ActionName.APPEAL, Event.Kind.APPEALED, settings.APPEAL_DAYS)


def object_until(claim: Claim) -> datetime | None:
    """Return the deadline for objecting to a repair; None if the customer can't any more."""
    return _until(claim, ActionName.OBJECT, Event.Kind.OBJECTED, settings.OBJECTION_DAYS)


def may_appeal(claim: Claim, *, now: datetime) -> bool:
    until = appeal_until(claim)
    return until is not None and now < until


def may_object(claim: Claim, *, now: datetime) -> bool:
    until = object_until(claim)
    return until is not None and now < until


def _until(claim: Claim, name: ActionName, kind: str, days: int) -> datetime | None:
    decision = claim.decision
    if not action_of(name).fits(claim) or decision is None or claim.order.is_remedied:
        return None
    if claim.events.filter(kind=kind).exists() or claim.has_live_sibling():
        return None
    return decision.decided_at + timedelta(days=days)


def answer_until(claim: Claim) -> datetime:
    """Return the deadline for the customer's answer. A late reminder extends it."""
    if claim.asked_at is None:
        raise ValueError(f"{claim} waits for nobody.")
    until = claim.asked_at + timedelta(days=settings.GIVE_UP_DAYS)
    if claim.reminded_at is None:
        return until
    since_then = timedelta(days=settings.GIVE_UP_DAYS - settings.REMIND_DAYS)
    return max(until, claim.reminded_at + since_then)


def open_offer(claim: Claim) -> Offer | None:
    """Return the offer that the customer hasn't answered, even if its time is over, or None."""
    if not action_of(ActionName.CHOOSE).fits(claim):
        return None
    return claim.offers.filter(choice=Offer.Choice.OPEN).first()
