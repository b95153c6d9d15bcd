"""One action for a selection from the queue: choose, preview claim by claim, confirm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from claims import policy, queries, wording
from claims.actions.review import bulk
from claims.actions.review.bulk import BulkAction, BulkRequest
from claims.admin.permissions import user_with
from claims.admin.queue.selection import FIELD, picked, picks
from claims.admin.review.forms import reviewers
from claims.formats.identifiers import id_in
from claims.models import Claim, Decision, Lease
from claims.queries.core.claim_actions import ActionInput, ActionName, action_of
from claims.queries.review import previews
from claims.queries.review.previews import Foreseen

NEEDED = ("claims.view_claim", "claims.view_evidence", "claims.review_claim")

DONE = {BulkAction.ASSIGN: "assigned", BulkAction.ASK: "asked", BulkAction.REJECT: "rejected"}


class BulkForm(forms.Form):
    """The action for each claim of the selection."""

    step = forms.ChoiceField(
        label=_("Action"),
        choices=[
            (BulkAction.ASSIGN.value, "Assign"),
            (BulkAction.ASK.value, "Ask for evidence"),
            (BulkAction.REJECT.value, "Reject with one clause"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an action.")},
    )
    to = forms.ModelChoiceField(
        reviewers(), required=False, label=_("Assignee"), empty_label=_("Unassigned")
    )
    # The action checks whether the clause is a ground, because a claim may change meanwhile.
    clause = forms.CharField(required=False, max_length=24, label=_("Clause that each claim fails"))
    terms_section = forms.CharField(
        required=False,
        max_length=Decision._meta.get_field("terms_section").max_length,
        label=_("Section of the terms that the claims conflict with"),
    )
    note = forms.CharField(
        required=False,
        max_length=4000,
        label=_("Note to the customers"),
        help_text=_("Each customer reads it. Needed to ask and to reject."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, grounds: Iterable[policy.Clause], data: Any = None) -> None:
        super().__init__(data)
        offered = [(ground.value, wording.title(ground)) for ground in grounds]
        self.fields["clause"].widget = forms.Select(choices=[("", _("Choose a clause")), *offered])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        step = data.get("step")
        asked = action_of(ActionName(step)).asks_for if step else ()
        if ActionInput.NOTE in asked and not data.get("note", "").strip():
            self.add_error("note", _("Write a note: the customers read it."))
        if ActionInput.CLAUSE in asked and data.get("clause") not in {*policy.Clause}:
            self.add_error("clause", _("Choose the clause that the claims fail."))
        if self._lacks_section(data):
            self.add_error("terms_section", _("Name the section of the terms."))
        return data

    def _lacks_section(self, data: Mapping[str, Any]) -> bool:
        on_terms = (
            data.get("step") == BulkAction.REJECT and data.get("clause") == policy.Clause.TERMS
        )
        return on_terms and not data.get("terms_section", "").strip()

    @property
    def wanted(self) -> BulkRequest:
        """The requested action. The form must be valid."""
        data = self.cleaned_data
        return BulkRequest(
            step=BulkAction(data["step"]),
            to=data["to"],
            note=data["note"],
            clause=data["clause"],
            terms_section=data["terms_section"],
        )

    @property
    def in_words(self) -> str:
        wanted = self.wanted
        if wanted.step == BulkAction.ASSIGN:
            if wanted.to is None:
                return gettext("Remove the assignee")
            return gettext("Assign to %(assignee)s") % {"assignee": wanted.to}
        if wanted.step == BulkAction.ASK:
            return gettext("Ask for evidence")
        title = wording.title(policy.Clause(wanted.clause))
        return gettext("Reject: %(clause)s") % {"clause": title}

    @property
    def all_errors(self) -> list[str]:
        return [str(message) for messages in self.errors.values() for message in messages]


@dataclass(frozen=True)
class BulkRow:
    """One claim of the selection."""

    claim: Claim
    pick: str
    lease: Lease | None
    """The lease of a reviewer who is working on the claim now."""
    foreseen: Foreseen | None = None


class Selection:
    """The chosen claims as they are now. `seen` has each claim's newest event that was shown."""

    def __init__(self, seen: Mapping[int, int], *, by: User, data: Any = None) -> None:
        self.seen = seen
        self.by = by
        self.now = timezone.now()
        self._data = data

    @cached_property
    def claims(self) -> list[Claim]:
        """The claims in the order in which they were chosen."""
        found = queries.with_their_state(Claim.objects.filter(pk__in=self.seen))
        by_id = {claim.pk: claim for claim in found}
        return [by_id[claim_id] for claim_id in self.seen if claim_id in by_id]

    @cached_property
    def form(self) -> BulkForm:
        return BulkForm(self._grounds, self._data)

    @property
    def _grounds(self) -> list[policy.Clause]:
        """Return the clauses that are a ground to reject at least one of the claims."""
        verdicts = [previews.verdict_of(claim) for claim in self.claims if claim.is_open]
        found = {finding.clause for verdict in verdicts for finding in policy.grounds(verdict)}
        return [clause for clause in policy.Clause if clause in found]

    @property
    def errors(self) -> list[str]:
        return self.form.all_errors if self.form.is_bound else []

    @property
    def rows(self) -> list[BulkRow]:
        return [self._row(claim) for claim in self.claims]

    @cached_property
    def foreseen(self) -> list[BulkRow]:
        """The rows with the expected outcomes. The form must be valid."""
        told = bulk.foresee(
            self.claims, wanted=self.form.wanted, seen=self.seen, by=self.by, now=self.now
        )
        return [self._row(each.claim, each) for each in told]

    @property
    def affected(self) -> int:
        return sum(not row.foreseen.left for row in self.foreseen if row.foreseen)

    def _row(self, claim: Claim, foreseen: Foreseen | None = None) -> BulkRow:
        lease = previews.lease_of(claim)
        live = lease if lease and lease.until > self.now else None
        return BulkRow(claim, picks(self.seen, [claim.pk])[0], live, foreseen)


@never_cache
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the choice of an action, then a preview claim by claim, then the results."""
    by = user_with(request, *NEEDED)
    if request.method == "GET":
        return _begin(request, by)
    selection = Selection(picked(request), by=by, data=request.POST)
    if not 0 < len(selection.claims) <= bulk.MOST_AT_ONCE:
        return _nothing(request)
    stage = request.POST.get("stage", "")
    if stage == "change":
        selection.form.errors.clear()
        return _render(request, "choose", selection)
    if not selection.form.is_valid():
        return _render(request, "choose", selection, status=422)
    return _do(request, selection) if stage == "do" else _render(request, "preview", selection)


def _begin(request: HttpRequest, by: User) -> HttpResponse:
    read = map(id_in, request.GET.getlist("claims"))
    ids = dict.fromkeys(pk for pk in read if pk is not None)
    # Reading the events first makes sure that nothing newer is missed.
    newest = queries.newest_events(ids)
    selection = Selection({pk: newest[pk] for pk in ids if pk in newest}, by=by)
    if not 0 < len(ids) <= bulk.MOST_AT_ONCE or not selection.claims:
        return _nothing(request)
    return _render(request, "choose", selection)


def _nothing(request: HttpRequest) -> HttpResponse:
    told = gettext("Select between 1 and %(most)s claims in the list first.")
    messages.error(request, told % {"most": bulk.MOST_AT_ONCE})
    return redirect("admin:claims_claim_changelist")


def _do(request: HttpRequest, selection: Selection) -> HttpResponse:
    wanted = selection.form.wanted
    try:
        done = bulk.carry_out(
            wanted=wanted, picked=selection.seen, by=selection.by, clock=timezone.now
        )
    except ValidationError as error:
        selection.form.add_error(None, error)
        return _render(request, "choose", selection, status=422)
    claims = {claim.pk: claim for claim in selection.claims}
    results = [(claims[each.claim_id], each.left) for each in done]
    context = {"results": results, "done": DONE[wanted.step], "count": _count(results)}
    return _render(request, "result", selection, context)


def _count(results: list[tuple[Claim, str]]) -> int:
    return sum(not left for _, left in results)


def _render(
    request: HttpRequest,
    name: str,
    selection: Selection,
    more: Mapping[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": gettext("Many claims at once"),
        "opts": Claim._meta,
        "selection": selection,
        "field": FIELD,
        **(more or {}),
    }
    return TemplateResponse(request, f"admin/claims/bulk/{name}.html", context, status=status)
