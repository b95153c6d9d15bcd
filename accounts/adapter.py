from logging import getLogger
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.mail_backend import NoSmtpUtf8Error

logger = getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Build the links in mail from the configured base URL, never from a request's host."""

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return settings.BASE_URL + reverse("account_confirm_email", args=[emailconfirmation.key])

    def get_reset_password_from_key_url(self, key: str) -> str:
        person, token = key.split("-", 1)
        return settings.BASE_URL + reverse("account_reset_password_from_key", args=[person, token])

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail, or show a message if the mail server can't send to such an address.

        Known and unknown addresses get the same message.
        """
        try:
            super().send_mail(template_prefix, email, context | {"base_url": settings.BASE_URL})
        except NoSmtpUtf8Error as error:
            logger.warning("A mail of the sign-in pages was not sent: %s.", error)
            messages.error(
                allauth_context.request,
                _("We can't send mail to %(email)s, so no mail is on its way.") % {"email": email},
            )
