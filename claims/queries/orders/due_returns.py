"""Orders whose price goes back by itself."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q, QuerySet

from claims.models import Order


def due_for_return(*, now: datetime) -> QuerySet[Order]:
    """Return orders without an SMS that are cancelled or past their allotted time."""
    cancelled = Q(activation__in=[Order.Activation.CANCELLED, Order.Activation.TIMED_OUT])
    return Order.objects.filter(
        cancelled | Q(allotted_until__lte=now),
        product=Order.Product.NUMBER,
        sms_received_at__isnull=True,
        completed_at__isnull=True,
        returned_at__isnull=True,
        replaced_at__isnull=True,
    )


def due_among(orders: Iterable[Order], *, now: datetime) -> set[int]:
    """Return the ids of those of these orders whose price goes back by itself."""
    due = due_for_return(now=now).filter(pk__in=[order.pk for order in orders])
    return set(due.values_list("pk", flat=True))
