from __future__ import annotations

from typing import ClassVar

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, User, time_zones


class SignupForm(forms.Form):
    """The fields of sign-up besides the email. It has no password: the address is unproven."""

    display_name = forms.CharField(
        max_length=80,
        required=False,
        label=_("Your name"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"data-time-zone": "fill"})
    )

    def clean_time_zone(self) -> str:
        """Return the browser's zone, or UTC. The field is hidden, so no one could correct it."""
        name: str = self.cleaned_data["time_zone"]
        return name if name in time_zones() else "UTC"

    def signup(self, request: HttpRequest, user: User) -> None:
        user.display_name = self.cleaned_data["display_name"]
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["display_name", "time_zone"])


class TokenForm(forms.Form):
    """The name and the permissions of a new API token."""

    name = forms.CharField(
        max_length=60,
        label=_("Name"),
        help_text=_("Name the program that will use it, such as “My bot”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("Permissions"),
        choices=ApiToken.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one permission.")},
    )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    class Meta:
        model = User
        fields = ("display_name", "time_zone", "language")
        labels: ClassVar[dict[str, Promise]] = {
            "display_name": _("Your name"),
            "time_zone": _("Time zone"),
            "language": _("Language"),
        }
        help_texts: ClassVar[dict[str, Promise]] = {
            "language": _(
                "The language of the emails that we send you. These pages are in English."
            ),
            "time_zone": _(
                "We show every deadline in this time zone. Type a city, such as Berlin."
            ),
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "display_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
        }
