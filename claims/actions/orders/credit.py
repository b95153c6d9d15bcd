"""The credit that arriving orders move: top-ups, purchases and returns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from accounts import ledger
from accounts.models import CreditTransfer, User
from claims.actions.orders.arrivals import Arrival, Arrivals
from claims.actions.orders.automatic_returns import cancel_orders
from claims.actions.orders.return_movements import return_movement
from claims.models import Order

MOST_CREDIT = Decimal(10**12) - 1  # the column of balances holds no more


def accept_covered(
    arrivals: Sequence[Arrival], customers: Mapping[str, User], answer: Arrivals
) -> list[Arrival]:
    """Return the arrivals that the balances allow, each in its turn; add the others to `answer`."""
    balances = _lock_balances(customers)
    accepted = []
    for arrival in sorted(arrivals, key=lambda arrival: arrival.turn):
        left = balances[arrival.purse]
        reason = _unaffordable(arrival, left=left)
        if reason:
            answer.refused += [(line, reason) for line in arrival.lines]
            answer.uncovered |= set(arrival.lines)
        else:
            balances[arrival.purse] = left - arrival.cost + arrival.gain
            accepted.append(arrival)
    return accepted


def _lock_balances(customers: Mapping[str, User]) -> dict[tuple[str, str], Decimal]:
    """Lock and return each customer's balance, by email and currency; zero if there is none."""
    emails = {user.pk: email for email, user in customers.items()}
    held = ledger.lock_balances(emails.keys()).items()
    return defaultdict(Decimal, {(emails[pk], code): balance for (pk, code), balance in held})


def _unaffordable(arrival: Arrival, *, left: Decimal) -> str:
    """Return the reason why the balance `left` doesn't allow an arrival, or ''."""
    email, currency = arrival.purse
    if left - arrival.cost + arrival.gain > MOST_CREDIT:
        return f"the credit balance of {email} would pass {MOST_CREDIT:,} {currency}"
    # A purchase whose price goes back at once needs no credit in the end.
    if arrival.cost - arrival.gain <= left or not arrival.cost:
        return ""
    return (
        f"the credit balance of {email} would fall below zero: price {arrival.cost} {currency},"
        f" {left:.2f} {currency} left; import the top-up first"
    )


def move_credit(accepted: Sequence[Arrival], *, now: datetime) -> None:
    """Move top-ups, purchases and returns in one call, because any of them may cover a purchase."""
    due = [arrival.order for arrival in accepted if arrival.is_due_for_return]
    bought = [_purchase_of(arrival.order) for arrival in accepted if arrival.is_new]
    ledger.move_all([*bought, *(return_movement(order, now=now) for order in due)])
    cancel_orders(due, now=now, by=None)


def _purchase_of(order: Order) -> ledger.Movement:
    kind = CreditTransfer.Kind.PURCHASE
    if order.product == Order.Product.TOP_UP:
        kind = CreditTransfer.Kind.TOP_UP
    return ledger.Movement(
        customer_id=order.customer_id,
        amount=order.price,
        currency=order.currency,
        kind=kind,
        key=f"order:{order.pk}:{kind}",
        made_at=order.purchased_at,
    )
