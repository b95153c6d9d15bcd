"""The customer's choice between a replacement and the price."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import wording
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claim_of
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.review.offers import require_open_offer
from claims.actions.review.promised_returns import keep_promise
from claims.actions.review.replacements import request_replacement
from claims.models import Claim, Event, Offer


@transaction.atomic(durable=True)
def choose_refund(*, claim_id: int, by: User, now: datetime) -> Claim:
    """Record that the customer takes the price instead of the replacement, and `keep_promise`.

    The same choice again changes nothing. Raises `ValidationError` (`offer`) when nothing is on
    offer; raises `PermissionDenied`.
    """
    claim = lock_claim_of(by, claim_id)
    if _has_chosen(claim, Offer.Choice.REFUND):
        return claim
    offer = require_open_offer(claim)
    offer.choose(Offer.Choice.REFUND, at=now)
    keep_promise(claim, offer, by=by, now=now, choice=str(Offer.Choice.REFUND))
    return claim


@transaction.atomic(durable=True)
def choose_replacement(*, claim_id: int, by: User, now: datetime) -> Claim:
    """Record that the customer takes the replacement. The same choice again changes nothing.

    This asks the shop for the number, and the claim waits for the answer. Raises `ValidationError`
    (`offer`) when nothing is on offer, or its time is over; raises `PermissionDenied`.
    """
    claim = lock_claim_of(by, claim_id)
    if _has_chosen(claim, Offer.Choice.REPLACEMENT):
        return claim
    offer = require_open_offer(claim)
    if now >= offer.answer_by:
        raise ValidationError(
            _("The time to choose the replacement ended on %(until)s. You get the price back."),
            code="offer",
            params={"until": wording.in_words(offer.answer_by)},
        )
    offer.choose(Offer.Choice.REPLACEMENT, at=now)
    request = request_replacement(claim, offer, now=now)
    event = record(
        claim, Event.Kind.OFFER_ANSWERED, at=now, actor=by, choice=str(Offer.Choice.REPLACEMENT),
        until=request.answer_by.isoformat(),
    )  # fmt: skip
    tell_customer(event)
    return claim


def _has_chosen(claim: Claim, choice: str) -> bool:
    newest = claim.offers.last()
    return newest is not None and newest.choice == choice
