"""The forms of sign-up, sign-in and password reset, with the portal's field of addresses.

They have a module of their own because allauth imports `accounts.forms` on loading.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from allauth.account import forms
from allauth.account.models import EmailAddress
from django.http import HttpRequest

from accounts.addresses import AddressFormField
from accounts.models import User


class LoginForm(forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Adds the password field, which allauth leaves out when sign-up asks for no password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = AddressFormField()
        self.fields["password"] = deepcopy(self.base_fields["password"])
        self.order_fields(["login", "password", "remember"])


class AddressSignupForm(forms.SignupForm):  # type: ignore[misc]  # likewise
    email = AddressFormField()

    def save(self, request: HttpRequest) -> User:
        """Also keep an address that Django's validator refuses, which allauth leaves out."""
        user: User = super().save(request)
        address, _made = EmailAddress.objects.get_or_create(
            user=user, email=user.email, defaults={"primary": True}
        )
        EmailAddress.objects.fill_cache_for_user(user, [address])
        return user


class LoginCodeForm(forms.RequestLoginCodeForm):  # type: ignore[misc]  # likewise
    email = AddressFormField()


class PasswordResetForm(forms.ResetPasswordForm):  # type: ignore[misc]  # likewise
    email = AddressFormField()
