"""The outbox to the shop: an action writes webhooks in its transaction, a worker sends them.

Without `SHOP_URL`, the functions write nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from accounts.models import CreditTransfer
from claims.models import (
    Acknowledgement,
    Claim,
    Decision,
    Order,
    Replacement,
    Webhook,
    WrongPayment,
)
from claims.wording.amounts import plain

Type = Webhook.Type


def tell_of_claim(claim: Claim) -> None:
    """Tell the shop that a customer filed a claim."""
    data = {"claim": claim.code, "kind": claim.kind, "filed_at": claim.filed_at.isoformat()}
    _tell(
        [_webhook(Type.CLAIM_FILED, claim.order, f"claim:{claim.pk}:filed", claim.filed_at, data)]
    )


def tell_of_decision(decision: Decision) -> None:
    """Tell the shop of a decision; `tell_of_returns` tells of its credit."""
    claim = decision.claim
    data = {
        "claim": claim.code,
        "kind": claim.kind,
        "outcome": str(decision.outcome),
        "clause": decision.clause,
        "round": decision.round,
        "decided_at": decision.decided_at.isoformat(),
    }
    cause = f"claim:{claim.pk}:decided:{decision.round}"
    _tell([_webhook(Type.CLAIM_DECIDED, claim.order, cause, decision.decided_at, data)])


def tell_of_returns(
    returned: Sequence[tuple[Order, CreditTransfer]], *, cause: str, now: datetime
) -> None:
    """Tell the shop of returned credit; `cause` is `automatic`, `claim` or `goodwill`.

    Each return gets an `Acknowledgement` that waits for the shop's answer.
    """
    if not settings.SHOP_URL:
        return
    Acknowledgement.objects.bulk_create(
        Acknowledgement(
            transfer=transfer,
            order=order,
            amount=transfer.amount,
            currency=transfer.currency,
            returned_at=now,
        )
        for order, transfer in returned
    )
    _tell([_return(order, transfer, cause, now) for order, transfer in returned])


def tell_of_wrong_payment(payment: WrongPayment, claim: Claim) -> None:
    """Tell the shop that a refund was paid wrongly. No credit has moved."""
    transfer = payment.decision.transfer
    if transfer is None:
        raise ValueError(f"{payment.decision} paid nothing.")
    data = {
        "claim": claim.code,
        "amount": plain(transfer.amount),
        "currency": transfer.currency,
        "reason": payment.reason,
    }
    cause = f"claim:{claim.pk}:wrongly-paid:{payment.pk}"
    _tell([_webhook(Type.REFUND_WRONGLY_PAID, claim.order, cause, payment.at, data)])


def tell_of_request(replacement: Replacement) -> None:
    """Ask the shop for the number that the customer chose instead of the price."""
    claim = replacement.claim
    order = claim.order
    if order.number is None:
        raise ValueError(f"{order} has no number to replace.")
    data = {
        "claim": claim.code,
        "request_id": replacement.request_id,
        # In the shop's own spelling.
        "service": order.number.service_sent or order.number.service_id,
        "country": order.number.country_sent or order.number.country,
        "value": plain(order.refundable),
        "currency": order.currency,
        "answer_by": replacement.answer_by.isoformat(),
    }
    cause = f"replacement:{replacement.pk}:requested"
    _tell([_webhook(Type.REPLACEMENT_REQUESTED, order, cause, replacement.made_at, data)])


def _return(order: Order, transfer: CreditTransfer, cause: str, now: datetime) -> Webhook:
    data = {
        "amount": plain(transfer.amount),
        "currency": transfer.currency,
        "cause": cause,
        "returned_at": now.isoformat(),
    }
    if order.origin:
        data["origin_order_id"] = order.origin.shop_id
    return _webhook(Type.CREDIT_RETURNED, order, f"order:{order.pk}:returned", now, data)


def _webhook(
    type_: str, order: Order, cause: str, at: datetime, data: Mapping[str, Any]
) -> Webhook:
    return Webhook(
        type=type_,
        cause=cause,
        order=order,
        at=at,
        data={"order_id": order.shop_id, **data},
        due_at=at,
    )


def _tell(webhooks: Sequence[Webhook]) -> None:
    if settings.SHOP_URL:
        Webhook.objects.bulk_create(webhooks)
