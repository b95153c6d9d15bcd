"""The names of services that the shop sent and nobody has mapped yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.cache import caches
from django.db.models import Count, Min, Q

from claims.formats.folding import folded
from claims.models import Claim, Number, ServiceAlias

KEPT_FOR: Final = 60  # seconds
KEY: Final = "unmapped-names"


@dataclass(frozen=True)
class UnmappedName:
    """One name, in any of its spellings, with everything that waits for its mapping."""

    name: str
    orders: int
    open_claims: int
    since: datetime
    """The time of the oldest purchase."""


def unmapped_names() -> list[UnmappedName]:
    """Return the unmapped names, those with the most open claims first, in one query."""
    waiting = Q(order__claims__status__in=Claim.OPEN, order__claims__service="")
    rows = (
        Number.objects.filter(service__isnull=True, order__isnull=False)
        .order_by("service_sent")
        .values_list("service_sent")
        .annotate(
            orders=Count("order", distinct=True),
            open_claims=Count("order__claims", filter=waiting, distinct=True),
            since=Min("order__purchased_at"),
        )
    )
    found: dict[str, UnmappedName] = {}
    for sent, orders, open_claims, since in rows:
        same = found.get(folded(sent))
        found[folded(sent)] = UnmappedName(
            name=same.name if same else sent,
            orders=orders + (same.orders if same else 0),
            open_claims=open_claims + (same.open_claims if same else 0),
            since=min(since, same.since) if same else since,
        )
    return sorted(found.values(), key=lambda each: (-each.open_claims, -each.orders, each.name))


def count_unmapped() -> int:
    """Return the number of unmapped names, at most a minute old, for every page of the desk."""
    near = caches["process"]
    count = near.get(KEY)
    if not isinstance(count, int):
        unmapped = Number.objects.filter(service__isnull=True).order_by()
        sent = unmapped.values_list("service_sent", flat=True).distinct()
        count = len({*map(folded, sent)})
        near.set(KEY, count, KEPT_FOR)
    return count


def forget_count() -> None:
    """Make this process count the unmapped names anew."""
    caches["process"].delete(KEY)


def slug_called(name: str) -> str:
    """Return the slug of the service that has this name among its aliases, or ''."""
    aliases = ServiceAlias.objects.filter(folded=folded(name))
    return aliases.values_list("service_id", flat=True).first() or ""
