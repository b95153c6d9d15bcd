"""The page of the queue, and the views of it that each person keeps."""

from __future__ import annotations

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
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from claims.actions.review import saved_filters
from claims.admin import badges
from claims.admin.permissions import user_with
from claims.admin.queue import row_cells
from claims.admin.queue.filters import FILTERS, ME, NOBODY, Choices, Filter, statuses_on
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

LONGEST_QUERY: Final = 2_000
TITLES: Final = {
    Tab.MINE: "Mine",
    Tab.UNASSIGNED: "Unassigned",
    Tab.REMEDY: "Remedy due",
    Tab.SECOND: "Second person",
    Tab.WAITING: "Waiting for the customer",
    Tab.OPEN: "All open",
    Tab.CLOSED: "Closed",
}


class NameForm(forms.Form):
    """What a view of the queue is to be called."""

    name = forms.CharField(max_length=SavedFilter._meta.get_field("name").max_length)


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
    """In words; empty when nothing is."""
    without: str
    """The query with nothing chosen."""
    items: SafeString
    """A list item for each choice. Not by a template, and most of it made once: a page has a
    hundred of them."""


class QueuePage:
    """The queue as one person asks for it. Each part is read when the template asks for it."""

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
        lost = ["There is no such page of the list: this is the first."] if self._is_lost else []
        return [*self.asked.problems, *lost]

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
        """Whether a search fits more claims than it looked at."""
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
                TITLES[tab],
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
        return "Search" if self.asked.text else TITLES[self.asked.tab]

    @cached_property
    def menus(self) -> list[Menu]:
        return [self._menu(each) for each in FILTERS.values()]

    def _menu(self, each: Filter) -> Menu:
        choices = self._choices(each)
        value = self.asked.chosen.get(each.name, "")
        without = self.asked.without(each.name)
        labels = dict(choices)
        return Menu(
            each.label,
            labels.get(value, value),
            without,
            SafeString(escape(without).join(_around_query(each.name, tuple(choices), value))),
        )

    def _choices(self, each: Filter) -> Choices:
        if each.name == "status":
            return statuses_on(None if self.asked.text else self.asked.tab)
        if each.column == "assignee_id":
            return [(ME, "mine"), (NOBODY, "nobody's"), *self._people]
        if not each.column:
            return each.choices
        values = self._values.by_column[each.column]
        if each.column == "supplier":
            return [(value, value) for value in values]
        if each.column == "service":
            return [(value, badges.named("service", value)) for value in values]
        return [
            (value, format_html("{} {}", badges.named("country", value), value)) for value in values
        ]

    @cached_property
    def _values(self) -> FilterValues:
        return values_of(closed=self.asked.tab == Tab.CLOSED)

    @property
    def _people(self) -> Choices:
        people = self._values.people
        return [(str(key), name) for key, name in people if key != self.viewer.pk]

    @property
    def chips(self) -> list[Menu]:
        """What is chosen, each with a way to take it back."""
        return [menu for menu in self.menus if menu.chosen]

    @cached_property
    def saved(self) -> list[SavedFilter]:
        """This person's own, and nobody else's."""
        return list(self.viewer.saved_filters.all())

    @property
    def is_saved(self) -> bool:
        return any(kept.query == self.asked.query for kept in self.saved)


@lru_cache(maxsize=512)
def _around_query(name: str, choices: tuple[tuple[str, str], ...], chosen: str) -> list[str]:
    """The items of a menu, cut at the places where each has the query with nothing chosen."""
    links = [("", "", "Any")]
    links += [(value, f"&{value_in(name, value)}", label) for value, label in choices]
    current = SafeString(' aria-current="true"')
    ends = [
        badges.markup('{}"{}>{}</a></li>', query, current if value == chosen else "", label)
        for value, query, label in links
    ]
    begin = '<li><a href="?'
    return [begin, *(end + begin for end in ends[:-1]), ends[-1]]


def bulk_address() -> str:
    """Of the page that acts on a selection; empty while there is none."""
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
    """The claims of the list, with its tab, its filters and its search, every page of it."""
    viewer = user_with(request, "claims.view_claim")
    if not viewer.has_perm("claims.export_claims"):
        raise PermissionDenied
    asked = Asked.in_address(request.GET.dict())
    if asked.problems:
        messages.error(request, "Nothing was exported. " + " ".join(asked.problems))
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
    """Keep the view that the form was shown with, under the name that was typed."""
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
            messages.success(request, f"Saved as “{kept}”.")
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
    messages.success(request, f"The filter “{name}” is deleted.")
    return _back_to(Asked.in_address(_parts(request.POST.get("query", ""))).query)


def _parts(query: str) -> dict[str, str]:
    return QueryDict(query[:LONGEST_QUERY].replace("\x00", "")).dict()


def _back_to(query: str) -> HttpResponse:
    return redirect(f"{reverse('admin:claims_claim_changelist')}?{query}")


def _render(request: HttpRequest, page: QueuePage, status: int = 200) -> HttpResponse:
    context = {
        # As `each_context`, without the list of all apps that the stock pages have at their side.
        "site_title": admin.site.site_title,
        "site_header": admin.site.site_header,
        "site_url": admin.site.site_url,
        "has_permission": True,
        "title": f"Claims: {page.title}",
        "opts": Claim._meta,
        "queue": page,
        "per_page": PER_PAGE,
        "most_found": MOST_FOUND,
    }
    template = "admin/claims/claim/change_list.html"
    return TemplateResponse(request, template, context, status=status)
