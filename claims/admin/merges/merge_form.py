"""The form that names two customers who are to become one."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.queries.customer.people import people_called

FIRST: Final = "first"
SECOND: Final = "second"
HELP: Final = _("Their email address, or the shop's customer id, in full.")


class CustomerField(forms.CharField):
    """A customer, named by an address or by an id of the shop."""

    def __init__(self, **options: Any) -> None:
        attributes = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        widget = forms.TextInput(attrs=attributes)
        super().__init__(max_length=320, help_text=HELP, widget=widget, **options)

    def clean(self, value: Any) -> User:
        text = super().clean(value)
        found = people_called(text)
        if not found:
            raise ValidationError(
                _("No customer has the address or the id “%(text)s”."),
                code="unknown",
                params={"text": text},
            )
        if len(found) > 1:
            raise ValidationError(
                _("“%(text)s” is one customer's id and another one's address."),
                code="ambiguous",
                params={"text": text},
            )
        return found[0]


class MergeForm(forms.Form):
    """Two customers, the one who remains, and a reason."""

    first = CustomerField(
        label=_("Customer"), error_messages={"required": _("Name the first customer.")}
    )
    second = CustomerField(
        label=_("Other customer"), error_messages={"required": _("Name the other customer.")}
    )
    remains = forms.ChoiceField(
        label=_("Which sign-in remains?"),
        choices=[(FIRST, _("the first customer's")), (SECOND, _("the other customer's"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whose sign-in remains.")},
    )
    reason = forms.CharField(
        label=_("How do you know that they are one person?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Say how you know that they are one person.")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("first") and data.get("first") == data.get("second"):
            self.add_error("second", _("Choose two customers: this is one and the same."))
        return data

    @property
    def merged(self) -> User:
        user: User = self.cleaned_data[SECOND if self.cleaned_data["remains"] == FIRST else FIRST]
        return user

    @property
    def survivor(self) -> User:
        user: User = self.cleaned_data[self.cleaned_data["remains"]]
        return user

    @property
    def all_errors(self) -> list[str]:
        return [str(message) for some in self.errors.values() for message in some]
