"""Verify the shop's signature (Standard Webhooks), which is valid for five minutes."""

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
    """Return the webhook id. Raises `ProblemDetails` without a signature by one of the secrets."""
    headers = {name: request.headers.get(name, "") for name in HEADERS}
    if not any(_is_signed(request.body, headers, secret) for secret in _secrets()):
        raise ProblemDetails(401, "signature", REFUSAL)
    return headers["webhook-id"]


def _secrets() -> list[str]:
    if not settings.SHOP_WEBHOOK_SECRETS:
        raise ProblemDetails(
            503, "not-configured", "SHOP_WEBHOOK_SECRETS is not set on this server."
        )
    return list(settings.SHOP_WEBHOOK_SECRETS)


def _is_signed(body: bytes, headers: dict[str, str], secret: str) -> bool:
    try:
        Webhook(secret).verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):
        # The library fails on headers that are no signature and on bodies that are no UTF-8.
        return False
    return True
