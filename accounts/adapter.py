from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import authentication_step_completed
from django.conf import settings
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Links in mail use the configured base URL, never the host that a request names."""

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.BASE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        person, token = key.split("-", 1)
        return settings.BASE_URL + reverse("account_reset_password_from_key", args=[person, token])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        super().send_mail(template_prefix, email, context | {"base_url": settings.BASE_URL})


@receiver(authentication_step_completed)
def keep_address_that_a_code_proves(*, user: User, method: str, **how: Any) -> None:
    """Give people who came with an import the address record that allauth confirms next.

    Without one, the code from their mail would be followed by a second mail to the same address.
    """
    if method == "code" and how.get("email"):
        EmailAddress.objects.get_or_create(user=user, email=how["email"])
