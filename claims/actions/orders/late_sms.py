"""SMS that the shop reports, also after the price went back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from claims.actions.core.claim_columns import refresh_open_claims
from claims.actions.core.locks import lock_order
from claims.actions.orders.merge import (
    CANCELLATIONS,
    earliest,
)
from claims.models import Event, Order


@transaction.atomic(durable=True)
def report_sms(*, order_id: int, received_at: datetime, now: datetime) -> Order:
    """Record an SMS on an order. If the price went back by itself before, flag the SMS as late.

    Raises `ValidationError` (`sms`) for a top-up and for an SMS from before the purchase.
    """
    order = lock_order(order_id)
    if order.product == Order.Product.TOP_UP or received_at < order.purchased_at:
        raise ValidationError(_("This order can't have received an SMS at that time."), code="sms")
    order.sms_received_at = earliest(order.sms_received_at, received_at)
    order.reported_at = max(order.reported_at, received_at)
    if order.returned_at is None and order.activation in (Order.Activation.WAITING, *CANCELLATIONS):
        order.activation = Order.Activation.SMS_RECEIVED
    order.save(update_fields=["sms_received_at", "reported_at", "activation"])
    refresh_open_claims([order])
    flag_late_sms([order], now=now)
    order.refresh_from_db()
    return order


def flag_late_sms(orders: Sequence[Order], *, now: datetime) -> set[int]:
    """Flag these locked orders that got an SMS although their price went back by itself.

    Return the ids of those that had no flag before. This debits nothing again. A price that a
    person or the shop itself returned doesn't count.
    """
    went_back = Event.objects.filter(
        ~Q(data__has_key="by_shop"), order=OuterRef("pk"), kind=Event.Kind.RETURNED
    )
    late = list(
        Order.objects.filter(
            Exists(went_back),
            pk__in=[order.pk for order in orders],
            sms_received_at__isnull=False,
            late_sms_at__isnull=True,
        ).order_by("pk")
    )
    ids = {order.pk for order in late}
    Order.objects.filter(pk__in=ids).update(late_sms_at=F("sms_received_at"))
    Event.objects.bulk_create(
        Event(
            kind=Event.Kind.LATE_SMS,
            order=order,
            at=now,
            data={"received_at": order.sms_received_at.isoformat()},
        )
        for order in late
        if order.sms_received_at
    )
    return ids
