"""The return of one order's price, by a decision."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from accounts import ledger
from accounts.models import CreditTransfer
from claims.actions.orders.return_movements import return_movement
from claims.models import Order


def return_price(
    order: Order,
    *,
    now: datetime,
    kind: CreditTransfer.Kind = CreditTransfer.Kind.RETURN,
    amount: Decimal | None = None,
) -> CreditTransfer | None:
    """Move the price, or a part of it as goodwill, and mark the locked order as returned.

    Return None for an order that cost nothing: it counts as returned all the same.
    """
    movement = return_movement(order, now=now, kind=kind, amount=amount)
    transfer = ledger.move(movement) if movement else None
    order.returned_at = now
    order.return_transfer = transfer
    order.save(update_fields=["returned_at", "return_transfer"])
    return transfer
