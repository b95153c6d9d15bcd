from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BoundField

from claims import policy
from claims.models import Decision

ANSWER = "answer-"


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
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    clause = forms.CharField(required=False, max_length=24, label="Clause that it fails")
    terms_section = forms.CharField(
        required=False,
        max_length=Decision._meta.get_field("terms_section").max_length,
        label="Section of the terms that it conflicts with",
    )

    def __init__(self, verdict: policy.Verdict, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.fields["clause"].widget = forms.Select(
            choices=[
                ("", "Choose a clause"),
                *(
                    (ground.clause.value, policy.TITLES[ground.clause])
                    for ground in policy.grounds(verdict)
                ),
            ]
        )
        for finding in verdict.for_reviewer:
            self.fields[ANSWER + finding.clause] = forms.ChoiceField(
                required=False,
                label=policy.QUESTIONS[finding.clause],
                choices=[
                    (policy.Outcome.MET.value, "Yes"),
                    (policy.Outcome.FAILED.value, "No"),
                ],
                widget=forms.RadioSelect,
            )

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
