"""The automatic return of the price of an order without an SMS in the allotted time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, OuterRef, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from accounts import ledger
from accounts.models import CreditTransfer, User
from accounts.origin import current_address
from claims import policy, queries, wording
from claims.actions.core.locks import lock_open_claims, lock_order_of
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.core.shop_outbox import tell_of_returns
from claims.actions.orders.late_sms import flag_late_sms
from claims.actions.orders.return_movements import return_movement
from claims.models import Claim, Event, Lease, Order, Replacement

Activation = Order.Activation


@transaction.atomic(durable=True)
def return_expired(*, now: datetime, limit: int = 500) -> int:
    """Return the price of up to `limit` orders that are due; the result is their number.

    Other sweeps, the customer's button and late reports may run at the same time: this skips the
    orders that another transaction locks, and the next sweep finds them again.
    """
    due = queries.due_for_return(now=now).order_by("pk")
    orders = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
    cancel_orders(orders, now=now, by=None)
    return len(orders)


@transaction.atomic(durable=True)
def cancel_and_return(*, order_id: int, by: User, now: datetime) -> Order:
    """Cancel one order at its customer's wish and return its price. Again, it changes nothing.

    Raises `ValidationError`: `allotted-time` before the allotted time is over,
    `activation-complete` after an SMS or for a top-up; raises `PermissionDenied`.
    """
    order = lock_order_of(by, order_id)
    if order.returned_at is None:
        _refuse_not_due(order, now=now)
        cancel_orders([order], now=now, by=by)
        order.refresh_from_db()
    return order


def _refuse_not_due(order: Order, *, now: datetime) -> None:
    if queries.due_for_return(now=now).filter(pk=order.pk).exists():
        return
    if order.cancelled_at and order.sms_received_at is None and order.completed_at is None:
        raise ValidationError(
            _("This order was cancelled a moment ago: its price goes back by itself in a minute."),
            code=policy.Clause.ALLOTTED_TIME,
        )
    if order.allotted_until and order.sms_received_at is None and order.completed_at is None:
        raise ValidationError(
            _("The allotted time isn't over: the price goes back by itself on %(when)s."),
            code=policy.Clause.ALLOTTED_TIME,
            params={"when": wording.in_words(order.allotted_until)},
        )
    raise ValidationError(
        _("This order can't be cancelled: an SMS was received on its number, or it is a top-up."),
        code=policy.Clause.ACTIVATION_COMPLETE,
    )


def cancel_orders(orders: Sequence[Order], *, now: datetime, by: User | None) -> None:
    """Cancel these locked orders, return their prices and close their open claims.

    The number of statements doesn't grow with the number of orders, except for one notice for each
    closed claim. The return of an order of history is told to nobody, unless a person acted on it:
    the customer cancelled it, or has an open claim on it.
    """
    if not orders:
        return
    claims = lock_open_claims(orders)
    movements = {order.pk: return_movement(order, now=now) for order in orders}
    made = ledger.move_all([movement for movement in movements.values() if movement])
    ids = [order.pk for order in orders]
    Order.objects.filter(pk__in=ids).update(
        activation=Case(
            When(activation=Activation.WAITING, then=Value(Activation.CANCELLED.value)),
            default=F("activation"),
        ),
        returned_at=now,
        return_transfer=Subquery(
            CreditTransfer.objects.filter(
                charge=OuterRef("charge"), kind=CreditTransfer.Kind.RETURN
            ).values("pk")[:1]
        ),
    )
    close_stories(orders, claims, now=now, by=by)
    flag_late_sms([order for order in orders if order.sms_received_at], now=now)
    told = [order for order in orders if by or order.pk in claims or not order.is_history]
    transfers = [(order, made[movement.key]) for order in told if (movement := movements[order.pk])]
    tell_of_returns(transfers, cause="automatic", now=now)


def close_stories(
    orders: Sequence[Order],
    claims: dict[int, Claim],
    *,
    now: datetime,
    by: User | None,
    **cause: bool,
) -> None:
    """Close the claims that are open on these returned orders, and add a line to each story.

    `cause` joins the events' data.
    """
    ids = [claim.pk for claim in claims.values()]
    Claim.objects.filter(pk__in=ids).update(
        status=Claim.Status.REFUNDED, closed_at=now, approval=None
    )
    Lease.objects.filter(pk__in=ids).delete()
    if ids:
        Replacement.objects.filter(claim__in=ids).void(at=now)
    events = Event.objects.bulk_create(
        _story(order, claims.get(order.pk), now=now, by=by, cause=cause) for order in orders
    )
    for event in events:
        if event.claim_id:
            tell_customer(event)


def _story(
    order: Order, claim: Claim | None, *, now: datetime, by: User | None, cause: dict[str, bool]
) -> Event:
    back = order.return_transfer.amount if order.return_transfer else order.refundable
    return Event(
        kind=Event.Kind.RETURNED,
        order=order,
        claim=claim,
        at=now,
        actor=by,
        address=current_address(),
        before={"status": claim.status} if claim else {},
        after={"status": Claim.Status.REFUNDED} if claim else {},
        data={"amount": str(back), "currency": order.currency, **cause},
    )
