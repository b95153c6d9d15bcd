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
    if order.product == Order.Product.TOP_UP:
        raise RefundRefused(f"{order} is a top-up, which is never refunded")
    if order.is_remedied:
        raise RefundRefused(f"{order} was returned or replaced before; nothing was booked now")
    if amount is not None:
        _refuse_other_amount(order, amount, currency)
    claims = lock_open_claims([order])
    return_price(order, now=now, amount=amount)
    close_stories([order], claims, now=now, by=None, by_shop=True)
    return order


def _refuse_other_amount(order: Order, amount: Decimal, currency: str) -> None:
    whole = f"{order.refundable} {order.currency}"
    fits = 0 < amount <= order.refundable or amount == order.refundable
    if fits and currency == order.currency:
        return
    if not order.refundable:
        raise RefundRefused(f"{order} cost {whole}, so its refund is 0, too")
    raise RefundRefused(f"a refund of {order} is more than 0 and at most {whole}")
