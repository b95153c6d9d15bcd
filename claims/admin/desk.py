"""The desk: the first page that a member of staff sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from accounts.models import CustomerMerge, User
from claims import queries
from claims.admin import badges
from claims.admin.queue.queue_page import TITLES
from claims.admin.review.review_views import NEEDED
from claims.models import Claim
from claims.queries.review.queue import MOST_COUNTED, Tab, count_tabs, leased_by

MOST_ROWS = 8
WAITING = [Tab.MINE, Tab.UNASSIGNED, Tab.REMEDY, Tab.SECOND, Tab.WAITING]
QUEUE = "admin:claims_claim_changelist"


@dataclass(frozen=True)
class DeskCount:
    """The number of claims on one tab of the queue."""

    name: str
    found: int
    address: str

    @property
    def shown(self) -> str:
        most = MOST_COUNTED
        if self.found <= most:
            return f"{self.found:,}"
        return gettext("more than %(most)s") % {"most": f"{most:,}"}


@dataclass(frozen=True)
class DeskLine:
    """One claim of a short list."""

    claim: Claim
    now: datetime

    @property
    def address(self) -> str:
        return reverse("admin:claims_claim_review", args=[self.claim.pk])

    @property
    def is_late(self) -> bool:
        return self.claim.due_at <= self.now

    @property
    def away(self) -> timedelta:
        return abs(self.claim.due_at - self.now)

    @property
    def tone(self) -> str:
        return badges.status_tone(Claim.Status(self.claim.status))


class Desk:
    """The desk as one person may see it. Each part is read when the template asks for it."""

    def __init__(self, viewer: User, *, now: datetime) -> None:
        self.viewer = viewer
        self.now = now
        self.may_look = viewer.has_perms(NEEDED)
        self.may_review = self.may_look and viewer.has_perm("claims.review_claim")
        self.may_export = viewer.has_perm("claims.export_claims")
        self.may_list = viewer.has_perm("claims.view_claim")
        self.may_see_events = viewer.has_perm("claims.view_shopevent")
        self.may_read_days = viewer.has_perm("claims.view_event")
        self.may_confirm_merges = viewer.has_perms(
            ["accounts.view_customermerge", "accounts.confirm_merge"]
        )
        self.may_compare = viewer.has_perms(["claims.view_decision", "accounts.view_user"])

    @cached_property
    def counts(self) -> list[DeskCount]:
        if not self.may_look:
            return []
        leased = leased_by(self.viewer, now=self.now)
        counts = count_tabs(by=self.viewer, now=self.now, leased=leased)
        tabs = [tab for tab in WAITING if self.may_review or tab != Tab.MINE]
        return [
            DeskCount(str(TITLES[tab]), counts[tab], f"{reverse(QUEUE)}?tab={tab}") for tab in tabs
        ]

    @cached_property
    def due(self) -> list[DeskLine]:
        found = queries.next_due(most=MOST_ROWS) if self.may_look else []
        return [DeskLine(claim, self.now) for claim in found]

    @cached_property
    def mine(self) -> list[DeskLine]:
        found = queries.work_of(self.viewer, now=self.now, most=MOST_ROWS)
        return [DeskLine(claim, self.now) for claim in found]

    @cached_property
    def unapplied(self) -> list[queries.UnappliedEvents]:
        """The shop's events that wait or were refused lately, for those who may see them."""
        return queries.unapplied_events(now=self.now) if self.may_see_events else []

    @cached_property
    def merges(self) -> int:
        """The number of merges of customers that wait for this person's confirmation."""
        if not self.may_confirm_merges:
            return 0
        asked = CustomerMerge.objects.filter(state=CustomerMerge.State.ASKED)
        return asked.exclude(asked_by=self.viewer).count()

    @cached_property
    def figures(self) -> queries.Figures | None:
        """The figures. Their `today` is the reader's day, like every other time on the page."""
        if not self.may_look:
            return None
        return queries.service_figures(now=self.now, today=day_began(self.now))


def day_began(now: datetime) -> datetime:
    """Return the start of the day of `now`, in the reader's time zone."""
    return timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))


@never_cache
def index(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
    """Show the desk as the admin's front page; `AdminSite.admin_view` checks access."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    site = admin.site
    context = {
        **site.each_context(request),
        "title": site.index_title,
        "subtitle": None,
        "app_list": site.get_app_list(request),
        "desk": Desk(request.user, now=timezone.now()),
        **(extra_context or {}),
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/index.html", context)
