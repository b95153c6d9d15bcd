"""The page of the queue, and the filters that each person saves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import escape
from typing import Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from claims.actions.review import saved_filters
from claims.admin import badges
from claims.admin.permissions import user_with
from claims.admin.queue import row_cells
from claims.admin.queue.filters import FILTERS, ME, NOBODY, UNMAPPED, Filter, statuses_on
from claims.admin.queue.queue_params import Asked, place_in, value_in, written
from claims.admin.review import review_views
from claims.models import Claim, SavedFilter
from claims.queries.review.claim_search import MOST_FOUND
from claims.queries.review.queue import (
    MOST_COUNTED,
    PER_PAGE,
    FilterValues,
    Page,
    QueuePlace,
    Tab,
    count_tabs,
    leased_by,
    page_of,
    values_of,
)
from claims.queries.review.queue_rows import QueueRow, rows_of
from claims.reports import claims_csv

MenuChoices = Sequence[tuple[str, str]]

LONGEST_QUERY: Final = 2_000
TITLES: Final[Mapping[Tab, Promise]] = {
    Tab.MINE: _("Assigned to me"),
    Tab.UNASSIGNED: _("Unassigned"),
    Tab.REMEDY: _("Remedy due"),
    Tab.SECOND: _("Second person"),
    Tab.WAITING: _("Waiting for the customer"),
    Tab.OPEN: _("All open"),
    Tab.CLOSED: _("Closed"),
}


class NameForm(forms.Form):
    """The name for a saved view of the queue."""

    name = forms.CharField(
        label=_("Name"), max_length=SavedFilter._meta.get_field("name").max_length
    )


@dataclass(frozen=True)
class TabLink:
    title: str
    count: str
    query: str
    is_current: bool


@dataclass(frozen=True)
class Menu:
    label: str
    chosen: str
    """The chosen value in words, or ''."""
    without: str
    """The query without this filter."""
    items: SafeString
    """A list item for each choice. A page has a hundred, so code makes most of it once."""


class QueuePage:
    """The queue as one person requests it. Each part is read when the template asks for it."""

    def __init__(
        self,
        asked: Asked,
        *,
        viewer: User,
        after: str = "",
        before: str = "",
        name_form: NameForm | None = None,
    ) -> None:
        self.asked = asked
        self.viewer = viewer
        self.now = timezone.now()
        self.name_form = name_form or NameForm()
        self._after = place_in(after) if after else None
        self._before = place_in(before) if before else None
        self._is_lost = bool(after and not self._after) or bool(before and not self._before)
        self.sees_evidence = viewer.has_perms(review_views.NEEDED)
        self.may_review = viewer.has_perm("claims.review_claim") and self.sees_evidence
        self.may_export = viewer.has_perm("claims.export_claims")
        self.bulk_address = bulk_address() if self.may_review else ""

    @property
    def problems(self) -> list[str]:
        if not self._is_lost:
            return [*self.asked.problems]
        return [*self.asked.problems, gettext("This page no longer exists. Here is the first one.")]

    @cached_property
    def page(self) -> Page:
        claims = self.asked.claims(by=self.viewer, now=self.now)
        return page_of(claims, self.asked.sorting, after=self._after, before=self._before)

    @cached_property
    def rows(self) -> list[SafeString]:
        look = row_cells.Look(
            viewer=self.viewer,
            now=self.now,
            sees_evidence=self.sees_evidence,
            selects=bool(self.bulk_address),
        )
        return [row_cells.row(claim, look) for claim in self.claims]

    @cached_property
    def claims(self) -> list[QueueRow]:
        return rows_of([place.pk for place in self.page.places])

    @property
    def has_more_found(self) -> bool:
        """Return whether more claims match the search than it looked at."""
        return self.asked.found is not None and not self.asked.found.is_all

    @property
    def earlier(self) -> str:
        return self._beside("before", self.page.places[0]) if self._can_turn("earlier") else ""

    @property
    def later(self) -> str:
        return self._beside("after", self.page.places[-1]) if self._can_turn("later") else ""

    def _can_turn(self, way: str) -> bool:
        return bool(self.page.places) and bool(getattr(self.page, f"has_{way}"))

    def _beside(self, side: str, place: QueuePlace) -> str:
        return f"{self.asked.query}&{side}={written(place)}"

    @property
    def tabs(self) -> list[TabLink]:
        counts = count_tabs(by=self.viewer, now=self.now, leased=self._leased)
        return [
            TabLink(
                str(TITLES[tab]),
                f"{MOST_COUNTED:,}+" if counts[tab] > MOST_COUNTED else f"{counts[tab]:,}",
                self.asked.on(tab),
                is_current=tab == self.asked.tab and not self.asked.text,
            )
            for tab in Tab
        ]

    @cached_property
    def _leased(self) -> list[int]:
        return leased_by(self.viewer, now=self.now)

    @property
    def title(self) -> str:
        return gettext("Search") if self.asked.text else str(TITLES[self.asked.tab])

    @cached_property
    def menus(self) -> list[Menu]:
        return [self._menu(each) for each in FILTERS.values()]

    def _menu(self, each: Filter) -> Menu:
        choices = self._choices(each)
        value = self.asked.chosen.get(each.name, "")
        without = self.asked.without(each.name)
        labels = dict(choices)
        parts = _around_query(each.name, tuple(choices), value, self._language)
        return Menu(
            str(each.label),
            labels.get(value, value),
            without,
            SafeString(escape(without).join(parts)),
        )

    def _choices(self, each: Filter) -> MenuChoices:
        if each.name == "status":
            offered = dict(statuses_on(None if self.asked.text else self.asked.tab))
            choices = _choices_of("status", self._language)
            return [(value, label) for value, label in choices if value in offered]
        if each.column == "assignee_id":
            return [(ME, gettext("me")), (NOBODY, gettext("unassigned")), *self._people]
        if not each.column:
            return _choices_of(each.name, self._language)
        values = self._values.by_column[each.column]
        if each.column == "supplier":
            return [(value, value) for value in values]
        if each.column == "service":
            known = [(value, badges.named("service", value, self._language)) for value in values]
            is_chosen = self.asked.chosen.get("service") == UNMAPPED
            is_offered = self._values.has_unmapped or is_chosen
            return [*known, (UNMAPPED, gettext("unknown"))] if is_offered else known
        return [
            (value, format_html("{} {}", badges.named("country", value, self._language), value))
            for value in values
        ]

    @cached_property
    def _language(self) -> str | None:
        return get_language()

    @cached_property
    def _values(self) -> FilterValues:
        return values_of(closed=self.asked.tab == Tab.CLOSED)

    @property
    def _people(self) -> MenuChoices:
        people = self._values.people
        return [(str(key), name) for key, name in people if key != self.viewer.pk]

    @property
    def chips(self) -> list[Menu]:
        """Return the filters in use."""
        return [menu for menu in self.menus if menu.chosen]

    @cached_property
    def saved(self) -> list[SavedFilter]:
        """Return the viewer's own saved filters."""
        return list(self.viewer.saved_filters.all())

    @property
    def is_saved(self) -> bool:
        return any(kept.query == self.asked.query for kept in self.saved)


@lru_cache(maxsize=64)
def _choices_of(name: str, language: str | None) -> MenuChoices:
    """Return the fixed choices of a filter in the active language, which is `language`."""
    return [(value, str(label)) for value, label in FILTERS[name].choices]


@lru_cache(maxsize=512)
def _around_query(
    name: str, choices: tuple[tuple[str, str], ...], chosen: str, language: str | None
) -> list[str]:
    """Return the items of a menu, cut at the places where the query without its filter stands."""
    links = [("", "", gettext("Any"))]
    links += [(value, f"&{value_in(name, value)}", label) for value, label in choices]
    current = SafeString(' aria-current="true"')
    ends = [
        badges.markup('{}"{}>{}</a></li>', query, current if value == chosen else "", label)
        for value, query, label in links
    ]
    begin = '<li><a href="?'
    return [begin, *(end + begin for end in ends[:-1]), ends[-1]]


def bulk_address() -> str:
    """Return the address of the page that acts on a selection, or '' if there is no such page."""
    try:
        return reverse("admin:claims_claim_bulk")
    except NoReverseMatch:
        return ""


@never_cache
@require_GET
def show(request: HttpRequest) -> HttpResponse:
    viewer = user_with(request, "claims.view_claim")
    page = QueuePage(
        Asked.in_address(request.GET.dict()),
        viewer=viewer,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
    )
    return _render(request, page)


@require_GET
def export(request: HttpRequest) -> HttpResponseBase:
    """Export the claims of all pages of the list, with its tab, filters and search."""
    viewer = user_with(request, "claims.view_claim")
    if not viewer.has_perm("claims.export_claims"):
        raise PermissionDenied
    asked = Asked.in_address(request.GET.dict())
    if asked.problems:
        messages.error(request, " ".join([gettext("Nothing was exported."), *asked.problems]))
        return redirect("admin:claims_claim_changelist")
    now = timezone.now()
    name = f"claims-{now:%Y-%m-%dT%H%MZ}.csv"
    return StreamingHttpResponse(
        claims_csv(asked.sorting(asked.claims(by=viewer, now=now))),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )


@never_cache
@require_POST
def save_filter(request: HttpRequest) -> HttpResponse:
    """Save the view of the queue that the form was shown with, under the typed name."""
    viewer = user_with(request, "claims.view_claim")
    asked = Asked.in_address(_parts(request.POST.get("query", "")))
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            name = form.cleaned_data["name"]
            kept = saved_filters.save_filter(owner=viewer, name=name, query=asked.query)
        except ValidationError as error:
            form.add_error("name", error.messages)
        else:
            messages.success(request, gettext("Saved as “%(name)s”.") % {"name": kept})
            return _back_to(asked.query)
    return _render(request, QueuePage(asked, viewer=viewer, name_form=form), status=422)


@never_cache
@require_POST
def delete_filter(request: HttpRequest, pk: int) -> HttpResponse:
    viewer = user_with(request, "claims.view_claim")
    try:
        name = saved_filters.delete_filter(owner=viewer, filter_id=pk)
    except SavedFilter.DoesNotExist:
        raise Http404("You have no such filter.") from None
    messages.success(request, gettext("The filter “%(name)s” is deleted.") % {"name": name})
    return _back_to(Asked.in_address(_parts(request.POST.get("query", ""))).query)


def _parts(query: str) -> dict[str, str]:
    return QueryDict(query[:LONGEST_QUERY].replace("\x00", "")).dict()


def _back_to(query: str) -> HttpResponse:
    return redirect(f"{reverse('admin:claims_claim_changelist')}?{query}")


def _render(request: HttpRequest, page: QueuePage, status: int = 200) -> HttpResponse:
    context = {
        # Like `each_context`, without the list of all apps at the side of the stock pages.
        "site_title": admin.site.site_title,
        "site_header": admin.site.site_header,
        "site_url": admin.site.site_url,
        "has_permission": True,
        "title": gettext("Claims: %(tab)s") % {"tab": page.title},
        "opts": Claim._meta,
        "queue": page,
        "per_page": PER_PAGE,
        "most_found": MOST_FOUND,
    }
    template = "admin/claims/claim/change_list.html"
    return TemplateResponse(request, template, context, status=status)
