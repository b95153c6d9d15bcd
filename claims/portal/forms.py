"""The forms that customers fill in. The policy, not a form, decides whether a claim is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from claims import policy, queries
from claims.models import Claim, Order
from claims.models.service import follows_telegram_rules

LONGEST_TEXT = 4000

# The field that a failed clause is about. Every other clause is about the order, so the page shows
# it above the form.
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
        label=_("Search by number or order"),
        widget=forms.TextInput(attrs={"type": "search", "class": "input"}),
    )

    def search(self, orders: QuerySet[Order]) -> QuerySet[Order]:
        """Return the orders that match; all without a search text, none for an invalid one."""
        if not self.is_valid():
            return orders.none()
        text = self.cleaned_data["q"]
        return orders.filter(queries.orders_like(text)) if text else orders


def submission_field() -> forms.UUIDField:
    """Return the field for a form's unique number, so that a form sent twice counts once."""
    lost = _("This form has lost its number. Please send it once more.")
    return forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": lost, "invalid": lost}
    )


class ClaimForm(forms.Form):
    """A claim on one order. Its files aren't a field: the view receives them before the form."""

    submission = submission_field()
    kind = forms.ChoiceField(
        choices=Claim.Kind.choices,
        label=_("What went wrong?"),
        error_messages={"required": _("Choose what went wrong.")},
    )
    two_factor = forms.ChoiceField(
        choices=[("yes", _("Yes")), ("no", _("No"))],
        widget=forms.RadioSelect,
        label=_("Does Telegram ask for a password on this number?"),
        help_text=_("It is also called two-step verification, or 2FA."),
        error_messages={"required": _("Choose yes or no.")},
    )
    reason = forms.CharField(
        required=False,
        strip=False,
        max_length=LONGEST_TEXT,
        label=_("What happened?"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    terms = forms.BooleanField(required=False, label=_("I accept the terms and the return policy"))

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order
        if not asks_two_factor(order):
            del self.fields["two_factor"]
        elif is_unmapped(order):
            self.fields["two_factor"].label = _(
                "Does the service ask for a password on this number?"
            )

    @property
    def two_factor_said(self) -> bool:
        return bool(self.cleaned_data.get("two_factor") == "yes")

    def answers(self) -> dict[str, Any]:
        """Return the customer's answers as `Order.facts` takes them, even if a field is invalid."""
        return {
            "kind": self.cleaned_data.get("kind", ""),
            "reason": self.cleaned_data.get("reason", ""),
            "customer_two_factor": self.two_factor_said,
            "terms_accepted": self.cleaned_data.get("terms", False),
        }

    def refuse(self, problems: Iterable[ValidationError]) -> None:
        """Add each problem to the field that it is about."""
        for problem in problems:
            field = FIELDS.get(problem.code or "")
            if field == "reason" and self.has_error("reason"):
                continue
            self.add_error(field if field in self.fields else None, problem)


def is_unmapped(order: Order) -> bool:
    """Return whether the order is for a number of a service that nobody has mapped yet."""
    return order.number is not None and order.number.service_id is None


def asks_two_factor(order: Order) -> bool:
    """Return whether only the customer can know that 2FA protects this number."""
    number = order.number
    if number is None or number.two_factor:
        return False
    return number.service_id is None or follows_telegram_rules(number.service_id)


def new_submission() -> dict[str, UUID]:
    """Return the initial data of a new form: a new number."""
    return {"submission": uuid4()}


def submission_of(data: Mapping[str, Any]) -> UUID | None:
    """Return the number of a form that came in, or None."""
    try:
        return UUID(str(data.get("submission", "")))
    except ValueError:
        return None


class AnswerForm(forms.Form):
    submission = submission_field()
    message = forms.CharField(
        required=False,
        max_length=LONGEST_TEXT,
        label=_("Your message"),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
