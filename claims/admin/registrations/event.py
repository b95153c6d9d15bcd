from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.addresses import stored_form
from accounts.admin import ReadOnlyAdmin
from accounts.models import User
from claims.admin.audit.claim_story import show_story
from claims.admin.audit.event_words import change_of
from claims.admin.audit.person_day import may_read_day, show_day
from claims.admin.queue.filters import filed_span
from claims.formats.identifiers import id_in
from claims.models import Claim, Event, Order

MOST_FOUND = 50


class WhenFilter(admin.SimpleListFilter):
    """A filter by days in the reader's time zone."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [
            ("today", gettext("today")),
            ("7-days", gettext("last 7 days")),
            ("30-days", gettext("last 30 days")),
            ("last-month", gettext("last month")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        span = filed_span(self.value(), today=timezone.localdate())
        if span is None:
            return queryset
        first, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in span)
        return queryset.filter(at__gte=first, at__lt=end)


class PersonFilter(admin.SimpleListFilter):
    """A filter by actor (a member of staff or the system) for readers of anyone's day."""

    title = _("person")
    parameter_name = "person"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        if not request.user.has_perm("claims.read_days"):
            return []
        staff = User.objects.filter(is_staff=True).order_by("email")
        people = [(str(person.pk), str(person)) for person in staff]
        return [("nobody", gettext("the system")), *people]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:
        chosen = self.value()
        if chosen == "nobody":
            return queryset.filter(actor=None)
        person = id_in(chosen or "")
        return queryset if person is None else queryset.filter(actor=person)


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """The audit log: all events, newest first, a person's day, and a claim's whole story."""

    list_display = ("moment", "kind", "order", "claim", "actor", "address", "change")
    list_display_links = ("moment", "kind")
    list_filter = (WhenFilter, "kind", PersonFilter)
    list_select_related = ("order", "claim", "actor")
    # These fields are never searched: `get_search_results` looks up the term, and then its events.
    search_fields = ("claim__code",)
    search_help_text = _("Search by order id, claim code (or how it begins), or email, in full")
    # Clicking a column would sort a million rows.
    sortable_by = ()
    ordering = ("-at", "-id")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("day/", wrap(show_day), name="claims_event_day"),
            path("story/<int:pk>/", wrap(show_story), name="claims_event_story"),
        ]
        return [*own, *super().get_urls()]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Event], search_term: str
    ) -> tuple[QuerySet[Event], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        for found in self._ways(request.user, term):
            if found:
                return queryset.filter(**found), False
        return queryset.none(), False

    def _ways(self, reader: Any, term: str) -> Iterator[dict[str, Any]]:
        """Yield a condition for each meaning of the term, by one indexed look-up each."""
        claims = Claim.objects.filter(code__startswith=term.upper()).order_by()
        found = list(claims.values_list("pk", flat=True)[:MOST_FOUND])
        yield {"claim__in": found} if found else {}
        order = Order.objects.filter(shop_id=term).first()
        yield {"order": order} if order else {}
        people = User.objects.alias(lower=Lower("email"))
        person = people.filter(lower=stored_form(term).lower()).first()
        yield {"actor": person} if person and may_read_day(reader, of=person) else {}

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Refuse a look-up by actor in the address, which would pass by the filter by person."""
        return not lookup.startswith("actor") and super().lookup_allowed(
            lookup,
            value,
            request,  # type: ignore[arg-type]  # the stubs know no None
        )

    @admin.display(description=_("when"))
    def moment(self, event: Event) -> str:
        return f"{timezone.localtime(event.at):%Y-%m-%d %H:%M:%S}"

    @admin.display(description=_("what changed"))
    def change(self, event: Event) -> str:
        return change_of(event) or "—"
