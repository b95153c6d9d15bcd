"""Refunds that the shop itself made: booked here, and not told to the shop again."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from claims.actions.core.locks import lock_open_claims, lock_order
from claims.actions.orders.automatic_returns import close_stories
from claims.actions.orders.single_returns import return_price
from claims.models import Order


class RefundRefused(Exception):
    """The order can't have been refunded so."""


def book_refund(*, order_id: int, amount: Decimal | None, currency: str, now: datetime) -> Order:
    """Book the shop's refund as the return of the order's charge, and close its open claim.

    `amount` is None for the whole price. Raises `RefundRefused`.
    """
    order = lock_order(order_id)
    whole = order.refundable
    if order.product == Order.Product.TOP_UP:
        raise RefundRefused(f"{order} is a top-up, which is never refunded")
    if order.is_remedied:
        raise RefundRefused(f"{order} was returned or replaced before; nothing was booked now")
    if amount is None:
        amount = whole
    elif currency != order.currency or not (0 < amount < whole or amount == whole):
        raise RefundRefused(
            f"a refund of {order} is more than 0 and at most {whole} {order.currency}"
            if whole
            else f"{order} cost {whole} {order.currency}, so its refund is 0, too"
        )
    claims = lock_open_claims([order])
    return_price(order, now=now, amount=amount)
    close_stories([order], claims, now=now, by=None, by_shop=True)
    return order
