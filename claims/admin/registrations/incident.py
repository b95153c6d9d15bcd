from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.admin import ReadOnlyAdmin
from claims import queries
from claims.admin.incidents.group_page import (
    LOOK,
    group_view,
    render,
)
from claims.admin.incidents.incident_pages import (
    GroupLine,
    IncidentLine,
    _page,
    progress_view,
    resume_view,
    stop_view,
)
from claims.admin.permissions import user_with
from claims.formats.identifiers import id_in
from claims.models import Incident

SHOWN_AT_ONCE = 30
"""Past incidents on one page."""


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """The open groups of claims, the past incidents, and a page for each of both."""

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
        return render(request, "list", gettext("Incidents"), context)

    @method_decorator([never_cache, require_safe])
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        viewer = user_with(request, *LOOK)
        incident_id = id_in(object_id)
        if incident_id is None:
            raise Http404("There is no such incident.")
        page = _page(incident_id, viewer=viewer)
        return render(request, "incident", str(page.incident), {"page": page})


def _past(before: str) -> tuple[list[IncidentLine], int | None]:
    """Return the newest incidents before one, and the id before which older ones follow, if any."""
    past = Incident.objects.select_related("by").order_by("-pk")
    last = id_in(before)
    if last is not None:
        past = past.filter(pk__lt=last)
    found = list(past[: SHOWN_AT_ONCE + 1])
    shown = found[:SHOWN_AT_ONCE]
    results = queries.results_of(shown)
    lines = [IncidentLine(incident, results[incident.pk]) for incident in shown]
    return lines, shown[-1].pk if len(found) > SHOWN_AT_ONCE else None
