"""Open returns and dead webhooks between the shop and us."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from claims.models import Acknowledgement, Webhook

State = Acknowledgement.State


def open_returns(*, before: datetime) -> QuerySet[Acknowledgement]:
    """Return the returns, oldest first, that the shop answered with another amount, or that were
    made before this instant and aren't acknowledged.
    """
    late = Q(state=State.PENDING, returned_at__lt=before)
    found = Acknowledgement.objects.filter(late | Q(state=State.DIFFERS))
    return found.select_related("order").order_by("returned_at", "pk")


def dead_webhooks() -> QuerySet[Webhook]:
    """Return the webhooks that the shop didn't accept for three days."""
    return Webhook.objects.filter(state=Webhook.State.DEAD)
