"""Standard Webhooks: who signs with one of the shop's secrets, within five minutes, is the shop."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from standardwebhooks import Webhook, WebhookVerificationError

from claims.api.problems import ProblemDetails

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
REFUSAL = (
    "Sign the body as Standard Webhooks do, with webhook-id, webhook-timestamp and"
    " webhook-signature, not more than five minutes ago."
)


def signed_by_the_shop(request: HttpRequest) -> str:
    """The request's webhook id. Raises `Problem` unless it is signed with one of the secrets."""
    headers = {name: request.headers.get(name, "") for name in HEADERS}
    if not any(_is_signed(request.body, headers, secret) for secret in _secrets()):
        raise ProblemDetails(401, "signature", REFUSAL)
    return headers["webhook-id"]


def _secrets() -> list[str]:
    if not settings.SHOP_WEBHOOK_SECRETS:
        raise ProblemDetails(503, "not-configured", "No secret of the shop's is set up here.")
    return list(settings.SHOP_WEBHOOK_SECRETS)


def _is_signed(body: bytes, headers: dict[str, str], secret: str) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        # The library trips over headers that are no signature, and over bodies that are no UTF-8.
        return False
    return True
