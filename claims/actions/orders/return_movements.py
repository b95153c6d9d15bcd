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
) -> ledger.Movement | None:
    """Return the movement that gives an order's price back, or a part of it as goodwill.

    An order and all that it replaces share a charge, so together they go back once at most. Return
    None for an order that cost nothing.
    """
    amount = order.refundable if amount is None else amount
    return ledger.give_back(order.charge, made_at=now, amount=amount, kind=kind) if amount else None
