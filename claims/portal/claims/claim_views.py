"""The list of a customer's claims, the page of one, and its buttons."""

import re

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.views import SignedInRequest
from claims import access, queries
from claims.actions.customer import choices, withdrawal
from claims.actions.notices import read_marks
from claims.models import Offer
from claims.portal.claims import claim_pages, claim_stories
from claims.queries.core.clock import database_now
from claims.wording.validation_errors import text_of

PAGE_SIZE = 20
CHOICES = {
    Offer.Choice.REFUND.value: choices.choose_refund,
    Offer.Choice.REPLACEMENT.value: choices.choose_replacement,
}


@login_required
@require_safe
def claims(request: SignedInRequest) -> HttpResponse:
    found = queries.claims_with_orders(access.claims_of(request.user))
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    listed = [
        (
            claim,
            claim_stories.standing_of(claim, checking=False, requested=queries.is_requested(claim)),
        )
        for claim in page
    ]
    return render(request, "portal/claims.html", {"page": page, "listed": listed})


@login_required
@require_safe
def claim(request: SignedInRequest, code: str) -> HttpResponse:
    mine = access.claim_for(request.user, code)
    now = timezone.now()
    unused = access.unused_uploads(request.user, mine.order)
    page = claim_pages.claim_page(claim=mine, unused=unused, now=now)
    unread = access.notices_of(request.user).filter(event__claim=mine, read_at__isnull=True)
    newest = unread.aggregate(newest=Max("pk"))["newest"]
    return render(request, "portal/claim.html", page | {"newest_unread": newest})


@login_required
@require_POST
def read_claim(request: SignedInRequest, code: str) -> HttpResponse:
    """Mark the notices about a claim as read, up to the `newest` that the page was there for.

    It takes a POST, so that a link scanner, which fetches the addresses in mails, reads nothing.
    """
    mine = access.claim_for(request.user, code)
    newest = request.POST.get("newest", "")
    if re.fullmatch(r"[0-9]{1,18}", newest):
        notices = access.notices_of(request.user).filter(event__claim=mine, pk__lte=int(newest))
        read_marks.mark_read(notices, now=timezone.now())
    return redirect(mine)


@login_required
@require_POST
def withdraw_claim(request: SignedInRequest, code: str) -> HttpResponse:
    mine = access.claim_for(request.user, code)
    try:
        withdrawal.withdraw_claim(claim_id=mine.pk, by=request.user, now=timezone.now())
    except ValidationError as error:
        messages.error(request, text_of(error))
    else:
        messages.success(request, _("You have withdrawn the claim %(code)s.") % {"code": mine.code})
    return redirect(mine)


@login_required
@require_POST
def choose(request: SignedInRequest, code: str) -> HttpResponse:
    """Choose the replacement that we offered, or the price back."""
    mine = access.claim_for(request.user, code)
    act = CHOICES.get(request.POST.get("choice", ""))
    if act is None:
        messages.error(request, _("Choose the replacement or the price back."))
        return redirect(mine)
    try:
        act(claim_id=mine.pk, by=request.user, now=database_now())
    except ValidationError as error:
        messages.error(request, text_of(error))
    else:
        messages.success(request, _("Thank you, we have your choice."))
    return redirect(mine)
