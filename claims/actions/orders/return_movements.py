"""The movement of credit that returns an order's price."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from accounts import ledger
from accounts.models import CreditTransfer
from claims.models import Order


def return_movement(
    order: Order,
    *,
    now: datetime,
    kind: CreditTransfer.Kind = CreditTransfer.Kind.RETURN,
    amount: Decimal | None = None,
) -> ledger.Movement:
    """Return the movement that gives back an order's price, or a part of it as goodwill.

    All causes share one key, and a replacement shares it with the order that it replaces, so there
    is at most one return.
    """
    return ledger.Movement(
        customer_id=order.customer_id,
        amount=order.refundable if amount is None else amount,
        currency=order.currency,
        kind=kind,
        key=order.return_key,
        made_at=now,
    )
