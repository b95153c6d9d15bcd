"""Incidents: what went wrong for many at once, answered once, and how far that has come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.admin import ReadOnlyAdmin
from accounts.models import User
from claims import queries
from claims.actions import incidents
from claims.admin.incident_group import (
    DECIDE,
    LOOK,
    answers_in_words,
    group_view,
    hour_in_words,
    render,
)
from claims.admin.picking import user_with
from claims.models import Incident, IncidentClaim

SHOWN_AT_ONCE = 30
"""Past incidents on one page."""
FEWEST_TENTH = 0.05
"""What is less would read as none."""
STATE_TONES = {
    Incident.State.RUNNING: "info",
    Incident.State.STOPPED: "warn",
    Incident.State.DONE: "good",
}


class IncidentPage:
    """How far one incident has come, and what was not approved."""

    def __init__(self, incident: Incident, *, viewer: User) -> None:
        self.incident = incident
        self.viewer = viewer

    @property
    def tone(self) -> str:
        return STATE_TONES[Incident.State(self.incident.state)]

    @property
    def hour(self) -> str:
        return hour_in_words(self.incident.hour)

    @property
    def is_running(self) -> bool:
        return self.incident.state == Incident.State.RUNNING

    @property
    def may_act(self) -> bool:
        return self.viewer.has_perm("claims.review_claim")

    @cached_property
    def result(self) -> queries.Result:
        return queries.results_of([self.incident])[self.incident.pk]

    @property
    def told(self) -> str:
        """In one line, also for who hears it."""
        result = self.result
        return (
            f"{result.done} of {result.total} done: {result.approved} approved,"
            f" {result.left} not approved"
        )

    @cached_property
    def left(self) -> list[IncidentClaim]:
        items = self.incident.items.filter(state=IncidentClaim.State.LEFT)
        return list(items.select_related("claim__order__customer"))

    @property
    def answers(self) -> list[tuple[str, str]]:
        return answers_in_words(self.incident.answers)


@never_cache
@require_GET
def progress_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The part of the page that changes, asked for by the open page."""
    page = _page(pk, viewer=user_with(request, *LOOK))
    return TemplateResponse(request, "admin/claims/incident/progress.html", {"page": page})


@never_cache
@require_POST
def stop_view(request: HttpRequest, pk: int) -> HttpResponse:
    by = user_with(request, *DECIDE)
    incident = _page(pk, viewer=by).incident
    try:
        incidents.stop(incident_id=incident.pk, by=by, now=timezone.now())
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("admin:claims_incident_change", pk)


@never_cache
@require_POST
def resume_view(request: HttpRequest, pk: int) -> HttpResponse:
    by = user_with(request, *DECIDE)
    incident = _page(pk, viewer=by).incident
    try:
        incidents.resume(incident_id=incident.pk, by=by)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    return redirect("admin:claims_incident_change", pk)


def _page(pk: int, *, viewer: User) -> IncidentPage:
    incidents_with_people = Incident.objects.select_related("by", "stopped_by")
    return IncidentPage(get_object_or_404(incidents_with_people, pk=pk), viewer=viewer)


@dataclass(frozen=True)
class GroupLine:
    """A group in the list."""

    hour: queries.Hour

    @property
    def group(self) -> queries.Group:
        return self.hour.group

    @property
    def address(self) -> str:
        group = self.group
        page = reverse(
            "admin:claims_incident_group",
            args=[group.country, group.service, group.hour_in_address],
        )
        return f"{page}?{urlencode({'supplier': group.supplier})}" if group.supplier else page

    @property
    def when(self) -> str:
        return hour_in_words(self.group.hour)

    @property
    def usual(self) -> str:
        usual = self.hour.usual
        return "< 0.1" if 0 < usual < FEWEST_TENTH else f"{usual:.1f}"


@dataclass(frozen=True)
class IncidentLine:
    """A past incident in the list."""

    incident: Incident
    result: queries.Result

    @property
    def tone(self) -> str:
        return STATE_TONES[Incident.State(self.incident.state)]

    @property
    def when(self) -> str:
        return hour_in_words(self.incident.hour)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """The open groups and the incidents that were made of some, and a page for each of both."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path(
                "group/<str:country>/<str:service>/<str:hour>/",
                wrap(group_view),
                name="claims_incident_group",
            ),
            path("<int:pk>/progress/", wrap(progress_view), name="claims_incident_progress"),
            path("<int:pk>/stop/", wrap(stop_view), name="claims_incident_stop"),
            path("<int:pk>/resume/", wrap(resume_view), name="claims_incident_resume"),
        ]
        return [*own, *super().get_urls()]

    @method_decorator(never_cache)
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        user_with(request, *LOOK)
        open_groups = [GroupLine(hour) for hour in queries.open_groups(now=timezone.now())]
        past, older = _past(request.GET.get("before", ""))
        context = {
            "unusual": [line for line in open_groups if line.hour.is_unusual],
            "others": [line for line in open_groups if not line.hour.is_unusual],
            "past": past,
            "older": older,
        }
        return render(request, "list", "Incidents", context)

    @method_decorator([never_cache, require_safe])
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        viewer = user_with(request, *LOOK)
        if not object_id.isdecimal() or len(object_id) > 18:
            raise Http404("There is no such incident.")
        page = _page(int(object_id), viewer=viewer)
        return render(request, "incident", str(page.incident), {"page": page})


def _past(before: str) -> tuple[list[IncidentLine], int | None]:
    """The newest incidents before one, and the one before which still older ones are."""
    past = Incident.objects.select_related("by").order_by("-pk")
    if before.isdecimal() and len(before) <= 18:
        past = past.filter(pk__lt=int(before))
    found = list(past[: SHOWN_AT_ONCE + 1])
    shown = found[:SHOWN_AT_ONCE]
    results = queries.results_of(shown)
    lines = [IncidentLine(incident, results[incident.pk]) for incident in shown]
    return lines, shown[-1].pk if len(found) > SHOWN_AT_ONCE else None
