"""The shop's own movements of credit and its figures: adjustments, balances, refunds, disputes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db import transaction

from accounts import ledger
from accounts.customers import Named, add_customers, find_customers
from accounts.models import BalanceSnapshot, CreditAccount, CreditTransfer
from claims.actions.orders.shop_refunds import RefundRefused, book_refund
from claims.formats.shop_contents import Adjusted, BalanceTold, Disputed, Refunded, SupplierMoved
from claims.models import Dispute, Order, ShopEvent, SupplierEntry


def adjust_credit(adjusted: Mapping[ShopEvent, Adjusted], *, now: datetime) -> None:
    """Book what the shop gave or took, once for each event, on the customers' accounts."""
    accounts = _accounts(adjusted.values(), now=now)
    ledger.move_all(
        [
            ledger.Movement(
                account=accounts[each.customer, each.currency],
                amount=each.amount,
                kind=CreditTransfer.Kind.ADJUSTMENT,
                key=f"event:{event.event_id}",
                made_at=event.at,
                event_id=event.event_id,
            )
            for event, each in adjusted.items()
        ]
    )


def keep_balances(told: Mapping[ShopEvent, BalanceTold], *, now: datetime) -> None:
    """Keep the shop's figures, to be compared. They move no credit."""
    accounts = _accounts(told.values(), now=now)
    BalanceSnapshot.objects.bulk_create(
        [
            BalanceSnapshot(
                account=accounts[each.customer, each.currency],
                event_id=event.event_id,
                balance=each.balance,
                at=event.at,
            )
            for event, each in told.items()
        ],
        ignore_conflicts=True,
    )


def book_refunds(refunded: Mapping[ShopEvent, Refunded], *, now: datetime) -> dict[int, str]:
    """Book what the shop gave back itself; return the reasons of the refused ones, by event."""
    orders, refused = _orders(refunded.values()), {}
    for event, refund in refunded.items():
        order = orders.get(refund.order_id)
        if order is None:
            continue
        try:
            with transaction.atomic():
                book_refund(
                    order_id=order.pk, amount=refund.amount, currency=refund.currency, now=now
                )
        except RefundRefused as error:
            refused[event.pk] = str(error)
    return refused


def keep_disputes(disputed: Mapping[ShopEvent, Disputed]) -> dict[int, str]:
    """Keep the disputes of top-ups; return the reasons of the refused ones, by event."""
    orders, refused, rows = _orders(disputed.values()), {}, []
    for event, each in disputed.items():
        order = orders.get(each.order_id)
        if order and order.product != Order.Product.TOP_UP:
            refused[event.pk] = f"{each.order_id} is no top-up"
        elif order:
            rows.append(Dispute(order=order, event=event, opened_at=event.at, reason=each.reason))
    Dispute.objects.bulk_create(rows, ignore_conflicts=True)
    return refused


def keep_supplier_entries(moved: Mapping[ShopEvent, SupplierMoved]) -> dict[int, str]:
    """Keep what suppliers took and gave back; return the reasons of the refused ones, by event."""
    orders, refused, rows = _orders(moved.values()), {}, []
    for event, each in moved.items():
        order = orders.get(each.order_id)
        if order and order.product == Order.Product.TOP_UP:
            refused[event.pk] = f"{each.order_id} is a top-up, which no supplier sells"
        elif order:
            rows.append(
                SupplierEntry(
                    order=order,
                    event=event,
                    kind=each.kind,
                    amount=each.amount,
                    currency=each.currency,
                    supplier_order_id=each.supplier_order_id,
                    at=event.at,
                )
            )
    SupplierEntry.objects.bulk_create(rows, ignore_conflicts=True)
    return refused


def _orders(told: Collection[Refunded | Disputed | SupplierMoved]) -> dict[str, Order]:
    """Return the orders that these tell of, by the shop's ids; some may not be here yet."""
    return Order.objects.in_bulk({each.order_id for each in told}, field_name="shop_id")


def _accounts(
    told: Collection[Adjusted | BalanceTold], *, now: datetime
) -> dict[tuple[Named, str], CreditAccount]:
    """Return the accounts by customer and currency. Adds the people whom no address finds yet."""
    names = {each.customer for each in told}
    emails = {named.email for named in names if not named.customer_id}
    add_customers(dict.fromkeys(sorted(emails), ""), now=now)
    people = find_customers(names)
    purses = {(people[each.customer].pk, each.currency) for each in told}
    opened = ledger.open_accounts(purses)
    return {
        (each.customer, each.currency): opened[people[each.customer].pk, each.currency]
        for each in told
    }
