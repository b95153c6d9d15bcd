"""Orders whose price goes back by itself."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from claims.models import Order

CANCELLATION_RESTS = timedelta(seconds=60)
"""The time after a cancellation arrives in which an older SMS can still arrive."""


def due_for_return(*, now: datetime) -> QuerySet[Order]:
    """Return orders past their allotted time without an SMS, and those that the shop cancelled.

    A cancellation counts once it has been here for `CANCELLATION_RESTS`, by the database's clock,
    if no SMS and no completion came before it. An SMS after it changes nothing.
    """
    unused = Q(sms_received_at__isnull=True, completed_at__isnull=True)
    cancelled_first = (
        Q(sms_received_at__isnull=True) | Q(sms_received_at__gt=F("cancelled_at"))
    ) & (Q(completed_at__isnull=True) | Q(completed_at__gt=F("cancelled_at")))
    cancelled = Q(cancellation_arrived_at__lte=now - CANCELLATION_RESTS) & cancelled_first
    return Order.objects.select_related("charge__account").filter(
        (unused & Q(allotted_until__lte=now)) | cancelled,
        product=Order.Product.NUMBER,
        returned_at__isnull=True,
        replaced_at__isnull=True,
    )


def due_among(orders: Iterable[Order], *, now: datetime) -> set[int]:
    """Return the ids of those of these orders whose price goes back by itself."""
    due = due_for_return(now=now).filter(pk__in=[order.pk for order in orders])
    return set(due.values_list("pk", flat=True))
