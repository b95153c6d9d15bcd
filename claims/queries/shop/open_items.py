"""Open returns, dead webhooks and events that aren't applied, between the shop and us."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Min, Q, QuerySet

from claims.models import Acknowledgement, ShopEvent, Webhook

State = Acknowledgement.State
REFUSALS_COUNT: Final = timedelta(days=7)
"""The time in which a refused event counts as news."""


@dataclass(frozen=True)
class UnappliedEvents:
    """The shop's events of one state that aren't applied: how many, and since when."""

    state: ShopEvent.State
    count: int
    oldest: datetime


def unapplied_events(*, now: datetime) -> list[UnappliedEvents]:
    """Return the waiting events, and those that were refused in the last seven days."""
    recent = Q(state=ShopEvent.State.REFUSED, received_at__gte=now - REFUSALS_COUNT)
    found = ShopEvent.objects.filter(Q(state=ShopEvent.State.WAITING) | recent)
    summed = found.order_by().values("state").annotate(count=Count("pk"), oldest=Min("received_at"))
    return [
        UnappliedEvents(ShopEvent.State(line["state"]), line["count"], line["oldest"])
        for line in sorted(summed, key=lambda line: line["state"], reverse=True)
    ]


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
