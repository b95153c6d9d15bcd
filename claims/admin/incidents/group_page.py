"""The page of a group of claims that belong together, and the one answer for all of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from claims import policy, queries, wording
from claims.actions.review import incidents
from claims.admin.permissions import user_with
from claims.admin.queue.selection import FIELD, picked, picks
from claims.admin.review.forms import ANSWER
from claims.formats.identifiers import COUNTRY, SERVICE
from claims.models import Claim, Incident
from claims.queries.review.previews import Foreseen
from claims.wording.outcomes import answer_choices, yes_or_no

LOOK = ("claims.view_incident", "claims.view_claim", "claims.view_evidence")
DECIDE = (*LOOK, "claims.review_claim")
NOTE = _(
    "No usable SMS reached you because of a fault on our side. Your credit is back in your balance."
    " We are sorry for the trouble."
)


class GroupForm(forms.Form):
    """The one answer of a reviewer for the group."""

    because = forms.CharField(
        max_length=4000,
        label=_("Server-side: yes, because …"),
        help_text=_(
            "Say what happened, and how you know. For your colleagues; customers do not see it."
        ),
        error_messages={"required": _("Say why the cause lay with the shop or its supplier.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    note = forms.CharField(
        required=False,
        max_length=4000,
        label=_("Note to the customers"),
        help_text=_("Each customer reads it with the decision."),
        widget=forms.Textarea(attrs={"rows": 3}),
        initial=NOTE,
    )
    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, questions: Sequence[policy.Clause], data: Any = None) -> None:
        super().__init__(data)
        for clause in questions:
            self.fields[ANSWER + clause] = forms.ChoiceField(
                required=False,
                label=wording.question(clause),
                choices=answer_choices(),
                widget=forms.RadioSelect,
            )

    @property
    def questions(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(ANSWER)]

    @property
    def answer(self) -> incidents.GroupAnswer:
        """The reviewer's answer. The form must be valid."""
        return incidents.GroupAnswer(
            because=self.cleaned_data["because"],
            note=self.cleaned_data["note"],
            others={
                name.removeprefix(ANSWER): answer
                for name, answer in self.cleaned_data.items()
                if name.startswith(ANSWER)
            },
        )

    @property
    def answered(self) -> list[tuple[str, str]]:
        """Each question with its answer in words. The form must be valid."""
        return answers_in_words(self.answer.others)

    @property
    def all_errors(self) -> list[str]:
        return [str(message) for messages in self.errors.values() for message in messages]


@dataclass(frozen=True)
class GroupRow:
    """One claim of the group, and its expected outcome."""

    foreseen: Foreseen
    pick: str
    is_picked: bool

    @property
    def claim(self) -> Claim:
        return self.foreseen.claim


class GroupPage:
    """A group with its claims. `picked` are the claims that the reviewer chose, None at first."""

    def __init__(
        self, group: queries.ClaimGroup, *, viewer: User, data: Any, picked: dict[int, int] | None
    ) -> None:
        self.group = group
        self.viewer = viewer
        self.now = timezone.now()
        self.picked = picked
        self.is_preview = False
        self._data = data

    @property
    def hour(self) -> str:
        return hour_in_words(self.group.hour)

    @property
    def may_answer(self) -> bool:
        return self.viewer.has_perm("claims.review_claim")

    @cached_property
    def seen(self) -> dict[int, int]:
        """The newest event of each claim when the page was made or the claim was picked."""
        claims = queries.claims_of_group(self.group)
        ids = claims.filter(status__in=Claim.OPEN).values_list("pk", flat=True)
        newest = {**queries.newest_events(ids[: incidents.MOST_AT_ONCE])}
        return newest | (self.picked or {})

    @cached_property
    def claims(self) -> list[Claim]:
        claims = queries.claims_of_group(self.group).filter(pk__in=self.seen)
        return list(queries.with_their_state(claims))

    @cached_property
    def form(self) -> GroupForm:
        return GroupForm(incidents.questions_of(self.claims), self._data)

    @property
    def errors(self) -> list[str]:
        return self.form.all_errors if self.form.is_bound else []

    @property
    def _answers(self) -> dict[str, str]:
        """The given answers, or before that, answers that all speak for the claims."""
        if self.is_preview:
            return self.form.answer.by_clause
        return dict.fromkeys(policy.Clause, policy.Outcome.MET.value)

    @cached_property
    def rows(self) -> list[GroupRow]:
        seen = self.seen
        foreseen = incidents.foresee(
            self.claims, by=self.viewer, answers=self._answers, seen=seen, now=self.now
        )
        rows = [
            GroupRow(
                each,
                picks(seen, [each.claim.pk])[0],
                self.picked is None or each.claim.pk in self.picked,
            )
            for each in foreseen
        ]
        return [row for row in rows if row.is_picked] if self.is_preview else rows

    @property
    def approved(self) -> int:
        return sum(not row.foreseen.left for row in self.rows)

    @cached_property
    def earlier(self) -> list[Incident]:
        """Return earlier answers for the same group."""
        group = self.group
        same = Incident.objects.filter(
            supplier=group.supplier, service=group.service, country=group.country, hour=group.hour
        )
        return list(same.select_related("by")[:5])


def answers_in_words(answers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return each question and its answer, without the one that the reason answers."""
    return [
        (
            wording.question(policy.Clause(clause)),
            yes_or_no(answer).capitalize() or gettext("Not answered"),
        )
        for clause, answer in answers.items()
        if clause != policy.Clause.SERVER_SIDE
    ]


def hour_in_words(hour: datetime) -> str:
    begins = hour.astimezone(UTC)
    ends = begins + timedelta(hours=1)
    return f"{date_format(begins, 'j M Y, H:i')}–{ends:%H:%M} UTC"


@never_cache
@require_http_methods(["GET", "POST"])
def group_view(request: HttpRequest, country: str, service: str, hour: str) -> HttpResponse:
    """Show the form, then a preview claim by claim, then save the answer."""
    viewer = user_with(request, *(DECIDE if request.method == "POST" else LOOK))
    group = _group(request.GET.get("supplier", ""), service, country, hour)
    if request.method == "GET":
        return _show(request, GroupPage(group, viewer=viewer, data=None, picked=None))
    page = GroupPage(group, viewer=viewer, data=request.POST, picked=picked(request))
    stage = request.POST.get("stage", "")
    if stage == "change":
        page.form.errors.clear()
        return _show(request, page)
    if not _is_complete(page):
        return _show(request, page, status=422)
    if stage == "answer":
        return _answer(request, page)
    page.is_preview = True
    return _show(request, page)


def _is_complete(page: GroupPage) -> bool:
    if not page.picked:
        page.form.add_error(None, _("Choose at least one claim."))
    return page.form.is_valid()


def _answer(request: HttpRequest, page: GroupPage) -> HttpResponse:
    try:
        incident = incidents.answer_group(
            group=page.group,
            by=page.viewer,
            answer=page.form.answer,
            picked=page.picked or {},
            submission=page.form.cleaned_data["submission"],
            now=page.now,
        )
    except ValidationError as error:
        page.form.add_error(None, error)
        return _show(request, page, status=422)
    return redirect("admin:claims_incident_change", incident.pk)


def _group(supplier: str, service: str, country: str, hour: str) -> queries.ClaimGroup:
    if not re.fullmatch(SERVICE, service) or not re.fullmatch(COUNTRY, country):
        raise Http404("There is no such group.")
    try:
        begins = datetime.strptime(hour, "%Y-%m-%dT%H").replace(tzinfo=UTC)
    except ValueError as error:
        raise Http404("There is no such hour.") from error
    return queries.ClaimGroup(supplier, service, country, begins)


def _show(request: HttpRequest, page: GroupPage, status: int = 200) -> HttpResponse:
    name = "preview" if page.is_preview else "group"
    return render(request, name, f"{page.group}", {"page": page, "field": FIELD}, status=status)


def render(
    request: HttpRequest, name: str, title: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    whole = admin.site.each_context(request) | {"title": title, "opts": Incident._meta} | context
    return TemplateResponse(request, f"admin/claims/incident/{name}.html", whole, status=status)
