from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.forms import BoundField

from accounts.models import User
from claims import policy, wording
from claims.models import Claim, Decision, Order
from claims.wording.outcomes import answer_choices

ANSWER = "answer-"
FORM = "decide-form"
"""The id of the one form on the page."""


def reviewers() -> QuerySet[User]:
    """Who decides claims."""
    may = Q(groups__permissions__codename="review_claim") | Q(is_superuser=True)
    return User.objects.filter(may, is_staff=True, is_active=True).distinct().order_by("email")


class DecisionForm(forms.Form):
    """What a reviewer answers, chooses and writes, whichever decision they then press.

    It only reads: whether the claim can be decided like that, the action says under its lock. So
    a clause needn't be one that was offered, and nothing typed is lost when a claim moves on.
    """

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)
    note = forms.CharField(
        required=False,
        max_length=4000,
        label="Note to the customer",
        help_text="The customer reads it. Needed to reject and to ask.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    clause = forms.CharField(required=False, max_length=24, label="Clause that it fails")
    terms_section = forms.CharField(
        required=False,
        max_length=Decision._meta.get_field("terms_section").max_length,
        label="Section of the terms that it conflicts with",
    )

    amount = forms.DecimalField(
        required=False, max_digits=12, decimal_places=2, label="Amount of the goodwill"
    )
    two_factor = forms.BooleanField(required=False, label="The number asks for a password (2FA)")
    channel = forms.ChoiceField(
        required=False, choices=Order.Channel.choices, label="Bought through"
    )
    service = forms.CharField(required=False, max_length=40, label="Service")
    why = forms.CharField(
        required=False, max_length=4000, label="Why", widget=forms.Textarea(attrs={"rows": 2})
    )
    internal = forms.CharField(
        required=False,
        max_length=4000,
        label="Internal note",
        help_text="For your colleagues. The customer never sees it.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    assignee = forms.ModelChoiceField(
        reviewers(), required=False, label="Whose work it is", empty_label="Nobody's"
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
        verdict = claim.assess()
        self.fields["clause"].widget = forms.Select(
            choices=[
                ("", "Choose a clause"),
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
        # They stand all over the page, and yet what is typed in one is sent with each.
        for field in self.fields.values():
            field.widget.attrs["form"] = FORM

    @property
    def questions(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(ANSWER)]

    @property
    def answers(self) -> dict[str, str]:
        """What was answered, by clause; only of a valid form."""
        return {
            name.removeprefix(ANSWER): answer
            for name, answer in self.cleaned_data.items()
            if name.startswith(ANSWER)
        }

    @property
    def all_errors(self) -> list[str]:
        return [str(message) for messages in self.errors.values() for message in messages]
