"""The services of reports, by the aliases of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from claims.formats.folding import folded
from claims.formats.reports import OrderReport
from claims.formats.shop_contents import Provided
from claims.models import ServiceAlias

Told = TypeVar("Told", OrderReport, Provided)


def resolve_services(told: Sequence[Told]) -> list[Told]:
    """Return the reports with the slugs of their services, in one query. An unknown one stays ''.

    The caller holds the intake lock, so that nobody maps a name meanwhile.
    """
    names = {folded(each.service_sent) for each in told if not each.service}
    aliases = ServiceAlias.objects.filter(folded__in=names - {""})
    slugs = dict(aliases.values_list("folded", "service_id")) if names - {""} else {}
    return [
        each._replace(service=each.service or slugs.get(folded(each.service_sent), ""))
        for each in told
    ]
