"""Flags on customers, and refunds that are marked as wrongly paid. Only staff see them."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claim
from claims.actions.core.shop_outbox import tell_of_wrong_payment
from claims.actions.review.guards import (
    refuse_empty_reason,
    refuse_own,
    refuse_unfit,
    refuse_unpermitted,
)
from claims.models import Claim, CustomerFlag, Event, WrongPayment
from claims.queries.core.claim_actions import ActionName


@transaction.atomic(durable=True)
def flag_customer(
    *, claim_id: int, by: User, reason: str, until: datetime | None, now: datetime
) -> CustomerFlag:
    """Flag the customer of a claim, until an instant or until a Supervisor lifts the flag.

    Raises `ValidationError` (`note` without a reason, `until` for an instant that is past); raises
    `PermissionDenied`.
    """
    refuse_unpermitted(ActionName.FLAG, by)
    refuse_empty_reason(reason)
    if until is not None and until <= now:
        raise ValidationError(_("The flag must end in the future."), code="until")
    claim = lock_claim(claim_id)
    refuse_own(claim, by)
    return _raise_flag(claim, by=by, reason=reason, until=until, now=now)


@transaction.atomic(durable=True)
def lift_flag(*, claim_id: int, flag_id: int, by: User, now: datetime) -> CustomerFlag:
    """Lift a flag of the claim's customer. Supervisors only; lifted again, nothing changes.

    Raises `ValidationError` (`flag`) for a flag of another customer; raises `PermissionDenied`.
    """
    refuse_unpermitted(ActionName.LIFT_FLAG, by)
    claim = lock_claim(claim_id)
    refuse_own(claim, by)
    flags = CustomerFlag.objects.select_for_update().filter(customer=claim.order.customer_id)
    flag = flags.filter(pk=flag_id).first()
    if flag is None:
        raise ValidationError(_("This customer has no such flag."), code="flag")
    if flag.lifted_at is None:
        flag.lifted_at, flag.lifted_by = now, by
        flag.save(update_fields=["lifted_at", "lifted_by"])
        record(claim, Event.Kind.FLAG_LIFTED, at=now, actor=by, reason=flag.reason)
    return flag


@transaction.atomic(durable=True)
def mark_wrongly_paid(*, claim_id: int, by: User, reason: str, now: datetime) -> WrongPayment:
    """Mark a refund as wrongly paid, once. Supervisors only. No credit moves.

    The shop is told and the customer is flagged. Raises `ValidationError` (`note` without a reason,
    `status` unless the claim is refunded by a decision, `wrongly-paid` the second time); raises
    `PermissionDenied`.
    """
    refuse_unpermitted(ActionName.MARK_WRONGLY_PAID, by)
    refuse_empty_reason(reason)
    claim = lock_claim(claim_id)
    refuse_own(claim, by)
    refuse_unfit(claim, ActionName.MARK_WRONGLY_PAID, by=by)
    decision = claim.decision
    if decision is None or decision.transfer is None:
        raise ValidationError(_("No decision paid this refund."), code="status")
    if WrongPayment.objects.filter(decision=decision).exists():
        raise ValidationError(_("This refund is marked already."), code="wrongly-paid")
    payment = WrongPayment.objects.create(decision=decision, reason=reason.strip(), by=by, at=now)
    record(claim, Event.Kind.WRONGLY_PAID, at=now, actor=by, reason=payment.reason)
    _raise_flag(claim, by=by, reason=payment.reason, until=None, now=now)
    tell_of_wrong_payment(payment, claim)
    return payment


def _raise_flag(
    claim: Claim, *, by: User, reason: str, until: datetime | None, now: datetime
) -> CustomerFlag:
    flag = CustomerFlag.objects.create(
        customer=claim.order.customer,
        claim=claim,
        reason=reason.strip(),
        by=by,
        made_at=now,
        until=until,
    )
    ends = until.isoformat() if until else None
    record(claim, Event.Kind.FLAGGED, at=now, actor=by, reason=flag.reason, until=ends)
    return flag
