"""The form of the review page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import policy, wording
from claims.models import Claim, Decision, Order, Service
from claims.wording.outcomes import answer_choices

ANSWER = "answer-"
FORM = "decide-form"
"""The id of the one form on the page."""


def reviewers() -> QuerySet[User]:
    """Return the people who may decide claims."""
    may = Q(groups__permissions__codename="review_claim") | Q(is_superuser=True)
    return User.objects.filter(may, is_staff=True, is_active=True).distinct().order_by("email")


class DecisionForm(forms.Form):
    """All fields of the review page, whichever action the reviewer then chooses.

    The form only reads them. The action checks under its lock whether they fit the claim, so the
    form takes a clause that was not offered, and loses nothing typed when a claim moves on.
    """

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    note = forms.CharField(
        required=False,
        max_length=4000,
        label=_("Note to the customer"),
        help_text=_("The customer reads it. Needed to reject and to ask."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    clause = forms.CharField(required=False, max_length=24, label=_("Clause that the claim fails"))
    terms_section = forms.CharField(
        required=False,
        max_length=Decision._meta.get_field("terms_section").max_length,
        label=_("Section of the terms that the claim conflicts with"),
    )

    amount = forms.DecimalField(
        required=False, max_digits=24, decimal_places=8, label=_("Amount of the goodwill")
    )
    two_factor = forms.BooleanField(required=False, label=_("The number asks for a password (2FA)"))
    channel = forms.ChoiceField(
        required=False, choices=Order.Channel.choices, label=_("Bought through")
    )
    service = forms.CharField(required=False, max_length=40, label=_("Service"))
    why = forms.CharField(
        required=False,
        max_length=4000,
        label=_("Reason, for your colleagues"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    internal = forms.CharField(
        required=False,
        max_length=4000,
        label=_("Internal note"),
        help_text=_("For your colleagues. The customer never sees it."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    flag_reason = forms.CharField(
        required=False,
        max_length=4000,
        label=_("Reason, for your colleagues"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    flag_until = forms.DateTimeField(
        required=False,
        label=_("Until, or empty for no end"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    flag = forms.IntegerField(required=False, widget=forms.HiddenInput)
    wrong_reason = forms.CharField(
        required=False,
        max_length=4000,
        label=_("Reason, for your colleagues and the shop"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    assignee = forms.ModelChoiceField(
        reviewers(), required=False, label=_("Assignee"), empty_label=_("Unassigned")
    )

    def __init__(
        self, claim: Claim, data: Mapping[str, Any] | None = None, *, note: str = ""
    ) -> None:
        super().__init__(
            data,
            initial={
                "note": note,
                "two_factor": claim.staff_two_factor,
                "channel": claim.channel,
                "service": claim.service,
                "assignee": claim.assignee_id,
                "amount": claim.order.refundable,
            },
        )
        names = sorted((service.name, service.slug) for service in Service.objects.all())
        self.fields["service"].widget = forms.Select(
            choices=[
                *([] if claim.service else [("", claim.service_name or _("Unknown"))]),
                *((slug, name) for name, slug in names),
            ]
        )
        verdict = claim.assess()
        self.fields["clause"].widget = forms.Select(
            choices=[
                ("", _("Choose a clause")),
                *(
                    (ground.clause.value, wording.title(ground.clause))
                    for ground in policy.grounds(verdict)
                ),
            ]
        )
        for finding in verdict.for_reviewer:
            self.fields[ANSWER + finding.clause] = forms.ChoiceField(
                required=False,
                label=wording.question(finding.clause),
                choices=answer_choices(),
                widget=forms.RadioSelect,
            )
        # The fields stand all over the page, and every button sends all of them.
        for field in self.fields.values():
            field.widget.attrs["form"] = FORM

    @property
    def questions(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(ANSWER)]

    @property
    def answers(self) -> dict[str, str]:
        """Return the answers by clause. The form must be valid."""
        return {
            name.removeprefix(ANSWER): answer
            for name, answer in self.cleaned_data.items()
            if name.startswith(ANSWER)
        }

    @property
    def all_errors(self) -> list[str]:
        return [str(message) for messages in self.errors.values() for message in messages]
