from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from accounts import sign_in_outbox


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Build the links in mail from the configured base URL, never from a request's host."""

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.BASE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        person, token = key.split("-", 1)
        return settings.BASE_URL + reverse("account_reset_password_from_key", args=[person, token])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Have a worker send the mail, so that the page answers whatever the mail server does."""
        request = allauth_context.request
        known = {
            "request": request,
            "email": email,
            "current_site": get_current_site(request),
            "base_url": settings.BASE_URL,
        }
        mail = self.render_mail(template_prefix, email, known | context)
        kind = template_prefix.rpartition("/")[2]
        now = timezone.now()
        sign_in_outbox.put_mail(kind, mail, now=now)
        # The same for an unknown address, whose second mail of a day isn't written.
        last = {"address": email.lower(), "at": now.timestamp()}
        request.session[sign_in_outbox.LAST_MAIL] = last
