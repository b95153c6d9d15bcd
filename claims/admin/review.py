"""The review page of a claim, and the three ways to act on it: one URL and one action each."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from claims.actions import deciding
from claims.admin.forms import DecisionForm
from claims.admin.page import ReviewPage, claims_to_review, newest_event
from claims.models import Claim

NEEDED = ("claims.view_claim", "claims.view_evidence")
OUTDATED = {"closed", "moved-on"}

Act = Callable[[Claim, User, DecisionForm], str]


@never_cache
@require_GET
def show(request: HttpRequest, pk: int) -> HttpResponse:
    viewer = _viewer(request)
    seen = newest_event(pk)
    claim = _claim(pk)
    return _render(request, ReviewPage(claim, seen=seen, viewer=viewer))


@never_cache
@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, _approve)


@never_cache
@require_POST
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, _reject)


@never_cache
@require_POST
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    return _decide(request, pk, _ask)


def _approve(claim: Claim, by: User, form: DecisionForm) -> str:
    decision = deciding.approve(
        claim_id=claim.pk,
        by=by,
        seen=form.cleaned_data["seen"],
        answers=form.answers,
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    transfer = decision.transfer
    returned = f"{transfer.amount} {transfer.currency}" if transfer else "nothing"
    return f"{claim} is approved: {returned} went back to {claim.order.customer}."


def _reject(claim: Claim, by: User, form: DecisionForm) -> str:
    deciding.reject(
        claim_id=claim.pk,
        by=by,
        seen=form.cleaned_data["seen"],
        answers=form.answers,
        clause=form.cleaned_data["clause"],
        terms_section=form.cleaned_data["terms_section"],
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    return f"{claim} is rejected. {claim.order.customer} gets a mail with your note."


def _ask(claim: Claim, by: User, form: DecisionForm) -> str:
    deciding.ask_for_evidence(
        claim_id=claim.pk,
        by=by,
        seen=form.cleaned_data["seen"],
        note=form.cleaned_data["note"],
        now=timezone.now(),
    )
    return f"{claim} waits for {claim.order.customer}, who gets a mail with your note."


def _decide(request: HttpRequest, pk: int, act: Act) -> HttpResponse:
    reviewer = _viewer(request)
    if not reviewer.has_perm("claims.review_claim"):
        raise PermissionDenied
    claim = _claim(pk)
    form = DecisionForm(claim.assess(), request.POST)
    if not form.is_valid():
        return _refused(request, pk, reviewer, None)
    try:
        told = act(claim, reviewer, form)
    except ValidationError as error:
        return _refused(request, pk, reviewer, error)
    messages.success(request, told)
    return redirect("admin:claims_claim_review", pk=pk)


def _refused(
    request: HttpRequest, pk: int, reviewer: User, error: ValidationError | None
) -> HttpResponse:
    """The page as the claim is now, with what is wrong on top and all that was typed."""
    seen = newest_event(pk)
    claim = _claim(pk)
    form = DecisionForm(claim.assess(), request.POST)
    form.full_clean()
    if error:
        form.add_error(None, error)
    outdated = error is not None and OUTDATED & {part.code for part in error.error_list}
    page = ReviewPage(claim, seen=seen, viewer=reviewer, form=form)
    return _render(request, page, status=409 if outdated else 422)


def _render(request: HttpRequest, page: ReviewPage, status: int = 200) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": f"Claim {page.claim}",
        "opts": Claim._meta,
        "page": page,
    }
    template = "admin/claims/claim/review.html"
    return TemplateResponse(request, template, context, status=status)


def _viewer(request: HttpRequest) -> User:
    """Who is asking. Raises `PermissionDenied` unless they may see claims and their evidence."""
    if not isinstance(request.user, User) or not request.user.has_perms(NEEDED):
        raise PermissionDenied
    return request.user


def _claim(pk: int) -> Claim:
    claim = claims_to_review().filter(pk=pk).first()
    if claim is None:
        raise Http404(f"There is no claim {pk}.")
    return claim
