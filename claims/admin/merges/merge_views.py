"""The pages on which staff make two customers one: list, start, preview, and one merge."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import CustomerMerge, User
from claims.actions.review.customer_merges import ask_merge, cancel_merge, confirm_merge
from claims.admin.merges.merge_form import MergeForm
from claims.admin.merges.merge_pages import MergePage, MergePreview
from claims.admin.permissions import user_with
from claims.wording.validation_errors import text_of

LOOK: Final = (
    "accounts.view_customermerge",
    "accounts.view_user",
    "accounts.view_customerid",
    "accounts.view_creditaccount",
    "claims.view_order",
    "claims.view_claim",
)
ASK: Final = (*LOOK, "accounts.ask_merge")
CONFIRM: Final = (*LOOK, "accounts.confirm_merge")
MOST_ENDED: Final = 200
LIST: Final = "admin:accounts_customermerge_changelist"
ONE: Final = "admin:accounts_customermerge_change"


def list_merges(request: HttpRequest) -> HttpResponse:
    """List the merges that wait for somebody, and the newest of the others."""
    viewer, now = user_with(request, *LOOK), timezone.now()
    live = Q(state__in=CustomerMerge.LIVE)
    context = {
        "live": [MergePage(merge, viewer, now) for merge in _merges().filter(live)],
        "ended": [MergePage(each, viewer, now) for each in _merges().exclude(live)[:MOST_ENDED]],
        "may_ask": viewer.has_perms(ASK),
    }
    return render(request, "list", gettext("Merges of customers"), context)


def show_merge(request: HttpRequest, pk: int) -> HttpResponse:
    viewer = user_with(request, *LOOK)
    page = MergePage(get_object_or_404(_merges(), pk=pk), viewer, timezone.now())
    return render(request, "merge", gettext("Two customers become one"), {"page": page})


@never_cache
@require_http_methods(["GET", "POST"])
def start_view(request: HttpRequest) -> HttpResponse:
    """Show the form, then both people side by side, and ask for the merge once that is confirmed.

    The form names the people by what was typed, so that no address of ours holds an id.
    """
    by = user_with(request, *ASK)
    if request.method == "GET":
        return _form(request, MergeForm(initial={"first": request.GET.get("first", "")}))
    form = MergeForm(request.POST)
    stage = request.POST.get("stage", "")
    if stage == "change":
        return _form(request, form)
    if not form.is_valid():
        return _form(request, form, status=422)
    if stage == "ask":
        return _ask(request, form, by)
    preview = MergePreview(form.merged, form.survivor, timezone.now())
    context = {"form": form, "preview": preview}
    return render(request, "preview", gettext("Merge two customers"), context)


def _ask(request: HttpRequest, form: MergeForm, by: User) -> HttpResponse:
    try:
        merge = ask_merge(
            merged_id=form.merged.pk,
            survivor_id=form.survivor.pk,
            reason=form.cleaned_data["reason"],
            by=by,
            now=timezone.now(),
        )
    except ValidationError as error:
        form.add_error(None, error.messages[0])
        return _form(request, form, status=422)
    messages.success(request, gettext("You have asked for it. A second person has to confirm it."))
    return redirect(ONE, merge.pk)


@never_cache
@require_POST
def confirm_view(request: HttpRequest, pk: int) -> HttpResponse:
    by = user_with(request, *CONFIRM)
    get_object_or_404(CustomerMerge, pk=pk)
    try:
        confirm_merge(merge_id=pk, by=by, now=timezone.now())
    except ValidationError as error:
        messages.error(request, text_of(error))
    else:
        messages.success(
            request,
            gettext("You have confirmed it. We mail both; they have 24 hours to object."),
        )
    return redirect(ONE, pk)


@never_cache
@require_POST
def cancel_view(request: HttpRequest, pk: int) -> HttpResponse:
    by = user_with(request, *CONFIRM)
    get_object_or_404(CustomerMerge, pk=pk)
    try:
        cancel_merge(merge_id=pk, by=by, now=timezone.now())
    except ValidationError as error:
        messages.error(request, text_of(error))
    else:
        messages.success(request, gettext("You have cancelled it. Nothing has changed."))
    return redirect(ONE, pk)


def render(
    request: HttpRequest, name: str, title: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    whole = {**admin.site.each_context(request), "title": title, "opts": CustomerMerge._meta}
    template = f"admin/claims/merges/{name}.html"
    return TemplateResponse(request, template, whole | context, status=status)


def _form(request: HttpRequest, form: MergeForm, *, status: int = 200) -> HttpResponse:
    context = {"form": form, "errors": form.all_errors if status == 422 else []}
    return render(request, "start", gettext("Merge two customers"), context, status=status)


def _merges() -> QuerySet[CustomerMerge]:
    return CustomerMerge.objects.select_related(
        "merged", "survivor", "asked_by", "confirmed_by", "ended_by"
    )
