"""The pages on which a customer writes, checks and sends a claim. They need no script."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.views import SignedInRequest
from claims import access, policy, queries, wording
from claims.actions.customer.filing import file_claim as file_now
from claims.actions.uploads.intake import discard_upload
from claims.models import Claim, Order, Upload
from claims.portal.filing import filing_pages
from claims.portal.forms import ClaimForm, new_submission, submission_of
from claims.portal.orders import order_stories
from claims.portal.uploads.form_uploads import keep_files, receives_files, with_failure
from claims.wording.validation_errors import each_in

OWN_PART = {policy.Clause.CLEAR_REASON, policy.Clause.TERMS}
"""The clauses that the policy can judge before the customer chooses a kind."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A claim that a customer is writing, with the problems of the files that just came in."""

    request: SignedInRequest
    order: Order
    now: datetime
    file_problems: Sequence[str] = ()

    @property
    def uploads(self) -> list[Upload]:
        return list(access.unused_uploads(self.request.user, self.order))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@receives_files
def file_claim(request: SignedInRequest, shop_id: str) -> HttpResponse:
    order = access.order_for(request.user, shop_id)
    now = timezone.now()
    if request.method != "POST":
        form = ClaimForm(initial=new_submission(), order=order)
        return _show_form(Draft(request=request, order=order, now=now), form)
    filed = _filed_before(request, order)
    if filed:
        _tell_of_changes(request, filed)
        return redirect(filed)
    # Nothing is kept for an order on which no claim is possible.
    barred = order_stories.bars_of(order, now=now)
    problems = [] if barred else keep_files(request, order=order, now=now)
    draft = Draft(request=request, order=order, now=now, file_problems=problems)
    verb, _, token = request.POST.get("step", "check").partition(":")
    if verb == "remove":
        discard_upload(token=token, order_id=order.pk, by=request.user, now=now)
    return STEPS.get(verb, _check)(draft)


def _check(draft: Draft) -> HttpResponse:
    """Show the verdict and a button to send the claim, or the form with all its problems."""
    form = ClaimForm(draft.request.POST, order=draft.order)
    form.is_valid()
    uploads = draft.uploads
    usable = [upload for upload in uploads if upload.is_usable]
    verdict = _assess(draft, form, usable)
    form.refuse(_failures(verdict, kind=form.cleaned_data.get("kind")))
    if form.errors or draft.file_problems:
        return _show_form(draft, form)
    page = filing_pages.check_page(form=form, verdict=verdict, uploads=uploads, now=draft.now)
    return render(draft.request, "portal/check_claim.html", page)


def _send(draft: Draft) -> HttpResponse:
    """File the claim that the check page showed."""
    form = ClaimForm(draft.request.POST, order=draft.order)
    if not form.is_valid() or draft.file_problems:
        return _show_form(draft, form)
    try:
        claim = file_now(
            order_id=draft.order.pk,
            by=draft.request.user,
            kind=form.cleaned_data["kind"],
            reason=form.cleaned_data["reason"],
            customer_two_factor=form.two_factor_said,
            terms_accepted=form.cleaned_data["terms"],
            uploads=draft.request.POST.getlist("token"),
            submission=form.cleaned_data["submission"],
            now=draft.now,
        )
    except ValidationError as error:
        form.refuse(each_in(error))
        return _show_form(draft, form)
    thanks = _("Your claim %(code)s is filed. We will email you.") % {"code": claim.code}
    messages.success(draft.request, thanks)
    return redirect(claim)


def _edit(draft: Draft) -> HttpResponse:
    """Show the form as the customer left it, without judging it."""
    form = ClaimForm(initial=draft.request.POST.dict(), order=draft.order)
    return _show_form(draft, form)


STEPS: dict[str, Callable[[Draft], HttpResponse]] = {
    "check": _check,
    "send": _send,
    "back": _edit,
    "remove": _edit,
}


def _show_form(draft: Draft, form: ClaimForm) -> HttpResponse:
    page = filing_pages.form_page(
        form=form,
        uploads=draft.uploads,
        file_problems=draft.file_problems,
        claim=queries.newest_claim(draft.order),
        now=draft.now,
    )
    status = 422 if form.errors or draft.file_problems else 200
    response = render(draft.request, "portal/file_claim.html", page, status=status)
    return with_failure(draft.request, response)


def _filed_before(request: SignedInRequest, order: Order) -> Claim | None:
    submission = submission_of(request.POST)
    return access.claim_by_submission(request.user, order, submission) if submission else None


def _tell_of_changes(request: SignedInRequest, filed: Claim) -> None:
    """Say so if the form that filed this claim comes again with other words."""
    if request.POST.get("reason", "").split() in ([], filed.reason.split()):
        return
    messages.warning(
        request,
        _(
            "This form has filed your claim before. What you changed since isn't in it: add it to"
            " the claim, if it matters."
        ),
    )


def _assess(draft: Draft, form: ClaimForm, uploads: Sequence[Upload]) -> policy.Verdict:
    claim = queries.newest_claim(draft.order)
    answers = form.answers()
    # Without a kind the form asks for one; the clause then judges the reason alone.
    answers["kind"] = answers["kind"] or Claim.Kind.MAJOR_DEFECT
    facts = draft.order.facts(
        **answers,
        filed_at=draft.now,
        proofs={upload.proof for upload in uploads},
        has_live_claim=claim is not None and claim.is_open,
    )
    return policy.assess(facts, draft.order.policy_version.terms)


def _failures(verdict: policy.Verdict, *, kind: str | None) -> list[ValidationError]:
    return wording.refusals(
        finding for finding in verdict.failed if kind or finding.clause in OWN_PART
    )
