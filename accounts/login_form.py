"""The sign-in form. It has its own module because allauth imports `accounts.forms` on loading."""

from copy import deepcopy
from typing import Any

from allauth.account import forms


class LoginForm(forms.LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Adds the password field, which allauth leaves out when sign-up asks for no password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = deepcopy(self.base_fields["password"])
        self.order_fields(["login", "password", "remember"])
