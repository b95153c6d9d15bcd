"""A replacement that is offered for a defect: the customer chooses it, or the price returns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from claims import policy, queries
from claims.actions.deciding import (
    approve_first,
    decide,
    is_above_limit,
    refuse_to_approve,
    refuse_who_judged_before,
    return_price,
    takes_two,
)
from claims.actions.glancing import refresh
from claims.actions.leasing import end_lease
from claims.actions.locking import lock_claim_if_free, lock_claim_of
from claims.actions.recording import record, tell_customer
from claims.actions.reviewing import (
    answered,
    lock_for_review,
    refuse_empty,
    refuse_other_kinds,
    refuse_status,
)
from claims.actions.stepping import UNSETTLED, tell_step
from claims.models import Approval, Claim, Decision, Event, Offer

Choice = Offer.Choice
Status = Claim.Status


@transaction.atomic(durable=True)
def offer_replacement(
    *, claim_id: int, by: User, seen: int, answers: Mapping[str, str], note: str, now: datetime
) -> Offer | Approval:
    """Offer another number of the same value for a defective one, or the price, as they choose.

    Since it promises the price, it takes what `approve` takes: the same answers, and above the
    approval limit two people. Raises `ValidationError`: `repair` for another kind of claim, `note`
    when there is none, `status`, and what `approve` raises.
    """
    claim = lock_for_review(claim_id, by=by, seen=seen, now=now)
    refuse_other_kinds(claim)
    refuse_status(claim, UNSETTLED, "An offer")
    refuse_empty(note)
    verdict = claim.assess()
    refuse_to_approve(verdict, answers)
    refuse_who_judged_before(claim, by)
    given = answered(verdict, answers)
    price = claim.order.price
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
def choose_refund(*, claim_id: int, by: User, now: datetime) -> Claim:
    """The customer takes the price instead of the replacement; chosen again, nothing changes.

    Raises `ValidationError` (`offer`) when nothing is on offer; raises `PermissionDenied`.
    """
    claim = lock_claim_of(by, claim_id)
    if _has_chosen(claim, Choice.REFUND):
        return claim
    _settle(claim, _open_offer(claim), Choice.REFUND, by=by, now=now)
    return claim


@transaction.atomic(durable=True)
def choose_replacement(*, claim_id: int, by: User, now: datetime) -> Claim:
    """The customer takes the replacement; chosen again, nothing changes.

    The claim goes back to the reviewers, who see to it. Raises `ValidationError` (`offer`) when
    nothing is on offer, or not any more; raises `PermissionDenied`.
    """
    claim = lock_claim_of(by, claim_id)
    if _has_chosen(claim, Choice.REPLACEMENT):
        return claim
    offer = _open_offer(claim)
    if now >= offer.answer_by:
        raise ValidationError(
            "The time to choose the replacement ended on %(until)s. You get the price back.",
            code="offer",
            params={"until": policy.in_words(offer.answer_by)},
        )
    offer.choose(Choice.REPLACEMENT, at=now)
    _give_back(claim, Choice.REPLACEMENT, by=by, now=now)
    return claim


@transaction.atomic(durable=True)
def let_lapse(*, claim_id: int, now: datetime) -> bool:
    """Return the price for an offer that wasn't answered in time; whether it was time to.

    What somebody else holds at this moment is left to the next sweep.
    """
    claim = lock_claim_if_free(claim_id)
    if claim is None or not queries.to_lapse(now=now).filter(pk=claim_id).exists():
        return False
    _settle(claim, _open_offer(claim), Choice.LAPSED, by=None, now=now)
    return True


def open_offer(claim: Claim) -> Offer | None:
    """What the customer of this claim can choose now, or can't any more although they were to."""
    if claim.status != Status.OFFERED:
        return None
    return claim.offers.filter(choice=Choice.OPEN).first()


def _open_offer(claim: Claim) -> Offer:
    offer = open_offer(claim)
    if offer is None:
        raise ValidationError(
            "There is nothing to choose here now. Look at the claim again.", code="offer"
        )
    return offer


def _has_chosen(claim: Claim, choice: str) -> bool:
    newest = claim.offers.last()
    return newest is not None and newest.choice == choice


def _settle(claim: Claim, offer: Offer, choice: Choice, *, by: User | None, now: datetime) -> None:
    """Return the price that was promised, unless it couldn't be approved any more.

    Then a person looks at the claim again: a fact was corrected since, or the limit lowered.
    """
    offer.choose(choice, at=now)
    facts = claim.facts()
    if not _is_payable(claim, offer, policy.assess(facts, claim.order.policy_version.terms)):
        _give_back(claim, choice, by=by, now=now)
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
        amount=str(transfer.amount), choice=str(choice),
    )  # fmt: skip
    tell_customer(event)


def _is_payable(claim: Claim, offer: Offer, verdict: policy.Verdict) -> bool:
    try:
        refuse_to_approve(verdict, offer.answers)
    except ValidationError:
        return False
    return offer.approval is not None or not is_above_limit(claim.order, claim.order.price)


def _give_back(claim: Claim, choice: Choice, *, by: User | None, now: datetime) -> None:
    change = claim.move(Status.SUBMITTED)
    chosen = Event.Kind.OFFER_ANSWERED
    event = record(claim, chosen, at=now, actor=by, change=change, choice=str(choice))
    refresh(claim)
    tell_customer(event)
