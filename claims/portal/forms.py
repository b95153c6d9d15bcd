"""What customers fill in. Whether a claim is allowed is the policy's to say, not a form's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from claims import policy, queries
from claims.models import Claim, Order

LONGEST_TEXT = 4000

# Which field a failed clause is about. The others are about the order: they stand above the form.
FIELDS = {
    policy.Clause.CLEAR_REASON: "reason",
    policy.Clause.TERMS: "terms",
    policy.Clause.PROOF: "files",
    policy.Clause.TELEGRAM_2FA_VIDEO: "files",
    policy.Clause.ACTIVATION_COMPLETE: "kind",
    policy.Clause.SMS_RECEIVED: "kind",
    policy.Clause.ALLOTTED_TIME: "kind",
    "files": "files",
}


class SearchForm(forms.Form):
    q = forms.CharField(
        max_length=64,
        required=False,
        label="Search by number or order",
        widget=forms.TextInput(attrs={"type": "search", "class": "input"}),
    )

    def search(self, orders: QuerySet[Order]) -> QuerySet[Order]:
        """The orders that fit; all of them when nothing is asked, none for what nobody can mean."""
        if not self.is_valid():
            return orders.none()
        text = self.cleaned_data["q"]
        return orders.filter(queries.orders_like(text)) if text else orders


def submission_field() -> forms.UUIDField:
    """The number of a form, so that a form sent twice counts once."""
    lost = "This form has lost its number. Please send it once more."
    return forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": lost, "invalid": lost}
    )


class ClaimForm(forms.Form):
    """A claim on one order. Its files are no field: they are received before the form is read."""

    submission = submission_field()
    kind = forms.ChoiceField(
        choices=Claim.Kind.choices,
        label="What went wrong?",
        error_messages={"required": "Choose what went wrong."},
    )
    two_factor = forms.ChoiceField(
        choices=[("yes", "Yes"), ("no", "No")],
        widget=forms.RadioSelect,
        label="Does Telegram ask for a password on this number?",
        help_text="It is also called two-step verification, or 2FA.",
        error_messages={"required": "Choose yes or no."},
    )
    reason = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        label="What happened?",
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    terms = forms.BooleanField(required=False, label="I accept the terms and the return policy")

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        if not asks_two_factor(order):
            del self.fields["two_factor"]

    @property
    def two_factor_said(self) -> bool:
        return bool(self.cleaned_data.get("two_factor") == "yes")

    def answers(self) -> dict[str, Any]:
        """What the customer says, as `Order.facts` takes it. Works while a field is wrong too."""
        return {
            "kind": self.cleaned_data.get("kind", ""),
            "reason": self.cleaned_data.get("reason", ""),
            "customer_two_factor": self.two_factor_said,
            "terms_accepted": self.cleaned_data.get("terms", False),
        }

    def refuse(self, problems: Iterable[ValidationError]) -> None:
        """Put each problem beside the field that it is about."""
        for problem in problems:
            field = FIELDS.get(problem.code or "")
            if field == "reason" and self.has_error("reason"):
                continue
            self.add_error(field if field in self.fields else None, problem)


def asks_two_factor(order: Order) -> bool:
    """Whether only the customer can know that this number is protected by 2FA."""
    number = order.number
    return number is not None and number.service == "telegram" and not number.two_factor


def new_submission() -> dict[str, UUID]:
    """The start of a new form."""
    return {"submission": uuid4()}


def submission_of(data: Mapping[str, Any]) -> UUID | None:
    """The number of a form that came in, if it has one."""
    try:
        return UUID(str(data.get("submission", "")))
    except ValueError:
        return None


class AnswerForm(forms.Form):
    submission = submission_field()
    message = forms.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        label="Your message",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
