"""The pages on which a customer answers in an open claim, appeals, or objects to a repair."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.views import SignedInRequest
from claims import access
from claims.actions.customer import evidence
from claims.actions.uploads import intake
from claims.models import Claim
from claims.portal.claims import claim_pages
from claims.portal.claims.contact_ways import ANSWER, APPEAL, OBJECTION, Way
from claims.portal.forms import AnswerForm, new_submission, submission_of
from claims.portal.uploads.form_uploads import keep_files, receives_files, with_failure


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@receives_files
def add_evidence(request: SignedInRequest, code: str) -> HttpResponse:
    return _receive(request, code, ANSWER)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@receives_files
def appeal(request: SignedInRequest, code: str) -> HttpResponse:
    return _receive(request, code, APPEAL)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@receives_files
def object_to_repair(request: SignedInRequest, code: str) -> HttpResponse:
    return _receive(request, code, OBJECTION)


def _receive(request: SignedInRequest, code: str, way: Way) -> HttpResponse:
    claim = access.claim_for(request.user, code)
    now = timezone.now()
    submission = submission_of(request.POST)
    if submission and evidence.is_answered(claim, submission):
        return redirect(claim)
    if not way.is_open(claim, now):
        messages.warning(request, str(way.closed))
        return redirect(claim)
    if request.method != "POST":
        return _show_form(request, claim, way, AnswerForm(initial=new_submission()))
    problems = keep_files(request, order=claim.order, now=now)
    verb, _, token = request.POST.get("step", "send").partition(":")
    if verb == "remove":
        intake.discard_upload(token=token, order_id=claim.order_id, by=request.user, now=now)
        return _show_form(request, claim, way, AnswerForm(initial=request.POST.dict()), problems)
    return _send(request, claim, way, problems, now=now)


def _send(
    request: SignedInRequest,
    claim: Claim,
    way: Way,
    file_problems: Sequence[str],
    *,
    now: datetime,
) -> HttpResponse:
    form = AnswerForm(request.POST)
    if not form.is_valid() or file_problems:
        return _show_form(request, claim, way, form, file_problems)
    uploads = access.unused_uploads(request.user, claim.order)
    try:
        way.send(
            claim_id=claim.pk,
            by=request.user,
            uploads=[upload.token for upload in uploads if upload.is_usable],
            message=form.cleaned_data["message"],
            submission=form.cleaned_data["submission"],
            now=now,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _show_form(request, claim, way, form)
    messages.success(request, str(way.thanks))
    return redirect(claim)


def _show_form(
    request: SignedInRequest,
    claim: Claim,
    way: Way,
    form: AnswerForm,
    file_problems: Sequence[str] = (),
) -> HttpResponse:
    uploads = access.unused_uploads(request.user, claim.order)
    page = claim_pages.answer_page(
        claim=claim, way=way, form=form, uploads=uploads, file_problems=file_problems
    )
    status = 422 if form.errors or file_problems else 200
    response = render(request, "portal/add_evidence.html", page, status=status)
    return with_failure(request, response)
