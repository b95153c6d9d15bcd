from __future__ import annotations

from typing import ClassVar

from django import forms
from django.http import HttpRequest

from accounts.models import ApiToken, User, time_zones


class SignupForm(forms.Form):
    """What sign-up asks beside the email. No password: the address isn't proven yet."""

    display_name = forms.CharField(
        max_length=80,
        required=False,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    time_zone = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"data-time-zone": "fill"})
    )

    def clean_time_zone(self) -> str:
        """The browser's zone, or UTC: nobody typed it, so nobody could put it right."""
        name: str = self.cleaned_data["time_zone"]
        return name if name in time_zones() else "UTC"

    def signup(self, request: HttpRequest, user: User) -> None:
        user.display_name = self.cleaned_data["display_name"]
        user.time_zone = self.cleaned_data["time_zone"]
        user.save(update_fields=["display_name", "time_zone"])


class TokenForm(forms.Form):
    """What a new API token is called, and what it may."""

    name = forms.CharField(
        max_length=60,
        label="Name",
        help_text="To know it again by: what runs with it, such as “My bot”.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label="It may",
        choices=ApiToken.Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that it may do."},
    )


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    class Meta:
        model = User
        fields = ("display_name", "time_zone", "language")
        labels: ClassVar[dict[str, str]] = {
            "display_name": "Your name",
            "time_zone": "Time zone",
            "language": "Language",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "language": "Of the mails that we send you. These pages are in English.",
            "time_zone": "Every deadline is shown in it. Type a city, such as Berlin.",
        }
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "display_name": forms.TextInput(attrs={"autocomplete": "name"}),
            "time_zone": forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off"}),
        }
