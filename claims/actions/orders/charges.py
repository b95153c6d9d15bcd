"""The charges of arriving orders: purchases and top-ups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from accounts import ledger
from accounts.models import Charge, User
from claims.actions.orders.arrivals import Arrival
from claims.formats.reports import Buyer
from claims.models import Order


def charge_new(arrivals: Sequence[Arrival], customers: Mapping[Buyer, User]) -> None:
    """Book the cost or the credit of the new orders, and give each order its charge.

    A purchase that no credit covers is booked too, and its shortfall as uncovered.
    """
    new = [arrival for arrival in arrivals if arrival.is_new]
    new.sort(key=lambda arrival: (arrival.order.purchased_at, arrival.order.shop_id))
    charges = ledger.charge_all(
        [_charge_of(arrival.order, customers[arrival.buyer]) for arrival in new]
    )
    for arrival in new:
        arrival.order.charge = charges[arrival.order.shop_id]


def _charge_of(order: Order, customer: User) -> ledger.NewCharge:
    is_top_up = order.product == Order.Product.TOP_UP
    return ledger.NewCharge(
        customer_id=customer.pk,
        kind=Charge.Kind.TOP_UP if is_top_up else Charge.Kind.PURCHASE,
        amount=order.price,
        currency=order.currency,
        reference=order.shop_id,
        made_at=order.purchased_at,
    )
