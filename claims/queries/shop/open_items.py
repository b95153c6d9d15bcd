"""What is open between the shop and us."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from claims.models import Acknowledgement, Webhook

State = Acknowledgement.State


def open_returns(*, before: datetime) -> QuerySet[Acknowledgement]:
    """Returns that the shop answered with another amount, or hasn't acknowledged although they
    were made before this instant; oldest first.
    """
    late = Q(state=State.PENDING, returned_at__lt=before)
    found = Acknowledgement.objects.filter(late | Q(state=State.DIFFERS))
    return found.select_related("order").order_by("returned_at", "pk")


def dead_webhooks() -> QuerySet[Webhook]:
    """What the shop didn't take for three days."""
    return Webhook.objects.filter(state=Webhook.State.DEAD)
