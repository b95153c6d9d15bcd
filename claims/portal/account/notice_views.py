"""My notices: what we told the customer, newest first, with the unread ones marked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.views import SignedInRequest
from claims import access
from claims.actions.notices import read_marks
from claims.models import Claim, Notice
from claims.portal.claims import claim_stories

PAGE_SIZE = 30


@dataclass(frozen=True, kw_only=True)
class NoticeLine:
    claim: Claim
    title: str
    tone: str
    text: str
    when: datetime
    is_unread: bool


@login_required
@require_safe
def notices(request: SignedInRequest) -> HttpResponse:
    mine = access.notices_of(request.user).select_related("event__claim__order__number")
    page = Paginator(mine.order_by("-made_at", "-pk"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "portal/notices.html", {"page": page, "listed": _told(page)})


@login_required
@require_POST
def read_all(request: SignedInRequest) -> HttpResponse:
    if read_marks.mark_read(access.notices_of(request.user), now=timezone.now()):
        messages.success(request, "All your notices are marked as read.")
    return redirect("portal:notices")


def _told(notices: Iterable[Notice]) -> list[NoticeLine]:
    shown = [(notice, notice.event.claim) for notice in notices]
    moments = claim_stories.timeline(notice.event for notice, _ in shown)
    return [
        NoticeLine(
            claim=claim,
            title=moment.title,
            tone=moment.tone,
            text=moment.text,
            when=moment.when,
            is_unread=notice.read_at is None,
        )
        for (notice, claim), moment in zip(shown, moments, strict=True)
        if claim
    ]
