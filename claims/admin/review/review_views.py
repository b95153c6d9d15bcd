"""The review page of a claim, and one URL for each action on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from claims.actions.review import leases
from claims.admin.permissions import user_with
from claims.admin.review import lease_notice, submissions
from claims.admin.review.forms import DecisionForm
from claims.admin.review.review_page import ReviewPage, claims_to_review, newest_event
from claims.formats.identifiers import id_in
from claims.models import Claim
from claims.queries.core.claim_actions import REVIEW, STAFF_ACTIONS, ActionName, ClaimAction
from claims.wording.validation_errors import each_in, text_of

NEEDED = ("claims.view_claim", "claims.view_evidence")
OUTDATED = {"closed", "lease", "moved-on", "status"}
GOES_ON = {
    ActionName.GIVE_UP_REPAIR,
    ActionName.REOPEN,
    ActionName.REPLY,
    ActionName.CORRECT,
    ActionName.NOTE,
    ActionName.FLAG,
    ActionName.LIFT_FLAG,
    ActionName.MARK_WRONGLY_PAID,
    ActionName.ASSIGN,
}
"""After these the reviewer goes on with the claim; after the others the next one opens."""

View = Callable[[HttpRequest, int], HttpResponse]


@never_cache
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the review page; `?reply=7` puts a canned reply into the note."""
    viewer = _viewer(request)
    seen = newest_event(pk)
    claim = _claim(pk)
    reply = id_in(request.GET.get("reply", ""))
    return _render(request, ReviewPage(claim, seen=seen, viewer=viewer, reply=reply))


@never_cache
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the claim unless someone else is working on it; `keep` shows the draft again."""
    reviewer = _reviewer(request)
    claim = _claim(pk)
    try:
        leases.take(claim_id=claim.pk, by=reviewer, now=timezone.now())
    except ValidationError as error:
        messages.error(request, text_of(error))
    if "keep" in request.POST:
        return _kept(request, pk, reviewer)
    return redirect("admin:claims_claim_review", pk=pk)


def _kept(request: HttpRequest, pk: int, reviewer: User) -> HttpResponse:
    seen = newest_event(pk)
    claim = _claim(pk)
    form = DecisionForm(claim, request.POST)
    return _render(request, ReviewPage(claim, seen=seen, viewer=reviewer, form=form))


@never_cache
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the claim back, undecided."""
    leases.release(claim_id=_claim(pk).pk, by=_reviewer(request))
    return redirect("admin:claims_claim_changelist")


@never_cache
@require_POST
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """Renew the lease for an open page, which asks once a minute.

    In the answer, `told` names who is working on the claim, and `news` the events since `seen`.
    """
    reviewer = _reviewer(request)
    claim = _claim(pk)
    now = timezone.now()
    mine = leases.renew(claim_id=claim.pk, by=reviewer, now=now)
    lease = mine or lease_notice.live_lease(claim, now=now)
    seen = id_in(request.POST.get("seen", ""))
    return JsonResponse(
        {
            "until": mine.until.isoformat() if mine else None,
            "told": lease_notice.told(claim, lease, viewer=reviewer),
            "news": leases.events_since(claim, seen) if seen is not None else "",
        }
    )


@never_cache
@require_POST
def next_claim(request: HttpRequest) -> HttpResponse:
    """Open the most urgent claim that no one is working on."""
    return _open_next(request, _reviewer(request), id_in(request.POST.get("leaving", "")))


def _open_next(request: HttpRequest, reviewer: User, leaving: int | None) -> HttpResponse:
    claim = leases.take_next(by=reviewer, now=timezone.now(), leaving=leaving)
    if claim:
        return redirect("admin:claims_claim_review", pk=claim.pk)
    messages.info(request, gettext("No claim is waiting for you. Well done."))
    return redirect("admin:claims_claim_changelist")


@dataclass(frozen=True)
class ReviewStep:
    """One way to act on a claim, at an address of its own."""

    action: ClaimAction

    @property
    def name(self) -> str:
        return self.action.name.value

    def __call__(self, request: HttpRequest, pk: int) -> HttpResponse:
        reviewer = _reviewer(request, *self.action.permissions)
        claim = _claim(pk)
        form = DecisionForm(claim, request.POST)
        if not form.is_valid():
            return _refused(request, pk, reviewer, None, acting=self.name)
        try:
            told = submissions.SUBMISSIONS[self.action.name](claim, reviewer, form)
        except ValidationError as error:
            return _refused(request, pk, reviewer, error, acting=self.name)
        messages.success(request, told)
        if self.action.name in GOES_ON:
            return redirect("admin:claims_claim_review", pk=pk)
        return _open_next(request, reviewer, pk)

    @property
    def view(self) -> View:
        return never_cache(require_POST(self.__call__))


STEPS = [ReviewStep(action) for action in STAFF_ACTIONS]


def _refused(
    request: HttpRequest, pk: int, reviewer: User, error: ValidationError | None, *, acting: str
) -> HttpResponse:
    """Show the page as the claim is now, with the errors on top and the whole draft."""
    seen = newest_event(pk)
    claim = _claim(pk)
    form = DecisionForm(claim, request.POST)
    form.full_clean()
    if error:
        form.add_error(None, [*each_in(error)])
    outdated = error is not None and OUTDATED & {part.code for part in each_in(error)}
    page = ReviewPage(claim, seen=seen, viewer=reviewer, form=form, acting=acting)
    return _render(request, page, status=409 if outdated else 422)


def _render(request: HttpRequest, page: ReviewPage, status: int = 200) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": gettext("Claim %(code)s") % {"code": page.claim},
        "opts": Claim._meta,
        "page": page,
    }
    template = "admin/claims/claim/review.html"
    return TemplateResponse(request, template, context, status=status)


def _viewer(request: HttpRequest) -> User:
    """Return the user. Raises `PermissionDenied` unless they may see claims and evidence."""
    return user_with(request, *NEEDED)


def _reviewer(request: HttpRequest, *permissions: str) -> User:
    """Return the user. Raises `PermissionDenied` unless they have `permissions`, or may decide."""
    return user_with(request, *NEEDED, *(permissions or REVIEW))


def _claim(pk: int) -> Claim:
    claim = claims_to_review().filter(pk=pk).first()
    if claim is None:
        raise Http404(f"There is no claim {pk}.")
    return claim
