"""The filters over the queue. Each is a small menu above the list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from claims.models import Claim, Number, Order

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList

OPEN, CLOSED, ALL = "open", "closed", "all"
FINAL = list(Claim.FINAL)


class Menu(admin.SimpleListFilter):
    """One choice out of a few, folded away under its name."""

    template = "admin/claims/claim/filter.html"


class StatusFilter(Menu):
    """Open claims, unless something else is chosen or someone searches: then all of them."""

    title = "status"
    parameter_name = "status"

    def __init__(
        self,
        request: HttpRequest,
        params: dict[str, list[str]],
        model: type[Claim],
        model_admin: admin.ModelAdmin[Claim],
    ) -> None:
        super().__init__(request, params, model, model_admin)
        self.default = ALL if request.GET.get("q") else OPEN

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [
            (OPEN, "open"),
            (CLOSED, "closed"),
            (ALL, "all"),
            *((value, str(label)) for value, label in Claim.Status.choices),
        ]

    def value(self) -> str:
        return super().value() or self.default

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        for lookup, title in self.lookup_choices:
            yield {
                "selected": self.value() == lookup,
                "query_string": changelist.get_query_string({"status": str(lookup)}),
                "display": title,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        chosen = self.value()
        if chosen == ALL:
            return queryset
        groups = {OPEN: Claim.OPEN, CLOSED: FINAL}
        return queryset.filter(status__in=groups.get(chosen, [chosen]))


class KindFilter(Menu):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [(value, str(label)) for value, label in Claim.Kind.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class ServiceFilter(Menu):
    title = "service"
    parameter_name = "service"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        services = Number.objects.order_by("service").values_list("service", flat=True)
        return [(service, service) for service in services.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        return queryset.filter(order__number__service=self.value()) if self.value() else queryset


class CountryFilter(Menu):
    title = "country"
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        countries = Number.objects.order_by("country").values_list("country", flat=True)
        return [(country, country) for country in countries.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        return queryset.filter(order__number__country=self.value()) if self.value() else queryset


class ChannelFilter(Menu):
    title = "channel"
    parameter_name = "channel"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [(value, str(label)) for value, label in Order.Channel.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        return queryset.filter(order__channel=self.value()) if self.value() else queryset


class FiledFilter(Menu):
    """Claims by the day they were filed, in the reader's own zone."""

    title = "filed"
    parameter_name = "filed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [
            ("today", "today"),
            ("7-days", "last 7 days"),
            ("30-days", "last 30 days"),
            ("this-month", "this month"),
            ("last-month", "last month"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Claim]) -> QuerySet[Claim]:
        span = filed_span(self.value(), today=timezone.localdate())
        if span is None:
            return queryset
        first, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in span)
        return queryset.filter(filed_at__gte=first, filed_at__lt=end)


def filed_span(word: str | None, *, today: date) -> tuple[date, date] | None:
    """The first day that a word means and the day after the last; None for no known word."""
    tomorrow, month = today + timedelta(days=1), today.replace(day=1)
    spans = {
        "today": (today, tomorrow),
        "7-days": (tomorrow - timedelta(days=7), tomorrow),
        "30-days": (tomorrow - timedelta(days=30), tomorrow),
        "this-month": (month, tomorrow),
        "last-month": ((month - timedelta(days=1)).replace(day=1), month),
    }
    return spans.get(word or "")


class LateSmsFilter(admin.SimpleListFilter):
    """Orders on which an SMS was reported although the price had gone back."""

    title = "late SMS"
    parameter_name = "late_sms"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [("yes", "Late SMS"), ("no", "None")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(late_sms_at__isnull=self.value() == "no")
