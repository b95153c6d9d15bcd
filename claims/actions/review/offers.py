"""Offers of a replacement for a defect: the customer takes it, or gets the price back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import queries
from claims.actions.core.locks import lock_claim_if_free
from claims.actions.review.approvals import (
    approve_first,
    refuse_to_approve,
    refuse_unmapped,
    takes_two,
)
from claims.actions.review.conversation import tell_step
from claims.actions.review.guards import (
    answered,
    lock_for_review,
    refuse_empty,
)
from claims.actions.review.leases import end_lease
from claims.actions.review.promised_returns import keep_promise
from claims.models import Approval, Claim, Decision, Event, Offer
from claims.queries.core.claim_actions import ActionName
from claims.queries.customer.time_limits import open_offer

Choice = Offer.Choice
Status = Claim.Status


@transaction.atomic(durable=True)
def offer_replacement(
    *, claim_id: int, by: User, seen: int, answers: Mapping[str, str], note: str, now: datetime
) -> Offer | Approval:
    """Offer the customer another number of the same value for a defective one, or the price.

    The offer promises the price, so it needs what `approve` needs: the same answers, and two people
    above the approval limit. Raises `ValidationError`: `repair` for another kind of claim, `note`
    when there is none, `status`, `second-replacement` if the number is a replacement itself and
    `by` is no Supervisor, and what `approve` raises; raises `PermissionDenied`.
    """
    claim = lock_for_review(claim_id, ActionName.OFFER, by=by, seen=seen, now=now)
    refuse_empty(note)
    verdict = claim.assess()
    refuse_to_approve(claim, verdict, answers)
    refuse_unmapped(claim)
    given = answered(verdict, answers)
    price = claim.order.refundable
    if takes_two(claim, Decision.Outcome.REFUND, price, by=by):
        payment = (Approval.Outcome.REFUND, price)
        return approve_first(claim, *payment, by=by, answers=given, note=note, now=now)
    offer = Offer.objects.create(
        claim=claim,
        answers=given,
        note=note.strip(),
        by=by,
        approval=claim.approval,
        made_at=now,
        answer_by=now + timedelta(days=settings.OFFER_DAYS),
    )
    change = claim.move(Status.OFFERED)
    end_lease(claim)
    tell_step(claim, Event.Kind.OFFERED, change, by=by, note=note, now=now)
    return offer


@transaction.atomic(durable=True)
def let_lapse(*, claim_id: int, now: datetime) -> bool:
    """End an offer that the customer didn't answer in time; return True if it was time to.

    The price goes back, as `keep_promise` says. A claim that another transaction locks is left to
    the next sweep.
    """
    claim = lock_claim_if_free(claim_id)
    if claim is None or not queries.to_lapse(now=now).filter(pk=claim_id).exists():
        return False
    offer = require_open_offer(claim)
    offer.choose(Choice.LAPSED, at=now)
    keep_promise(claim, offer, by=None, now=now, choice=str(Choice.LAPSED))
    return True


def require_open_offer(claim: Claim) -> Offer:
    offer = open_offer(claim)
    if offer is None:
        raise ValidationError(
            _("There is nothing to choose here now. Look at the claim again."), code="offer"
        )
    return offer
