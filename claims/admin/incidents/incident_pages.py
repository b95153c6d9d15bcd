"""The pages of an incident: one answer for a group of claims, and its progress."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from claims import queries
from claims.actions.review import incidents
from claims.admin.incidents.group_page import (
    DECIDE,
    LOOK,
    answers_in_words,
    hour_in_words,
)
from claims.admin.permissions import user_with
from claims.models import Incident, IncidentClaim

FEWEST_TENTH = 0.05
"""Smaller rates would read as 0.0."""
STATE_TONES = {
    Incident.State.RUNNING: "info",
    Incident.State.STOPPED: "warn",
    Incident.State.DONE: "good",
}


class IncidentPage:
    """The progress of one incident, and the claims that it did not approve."""

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
        """Return the progress in one line, which screen readers announce too."""
        result = self.result
        told = gettext("%(done)s of %(total)s done: %(approved)s approved, %(left)s not approved")
        return told % {
            "done": result.done,
            "total": result.total,
            "approved": result.approved,
            "left": result.left,
        }

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
    """Return the part of the page that changes; the open page requests it again and again."""
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
    def group(self) -> queries.ClaimGroup:
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
