"""The shop's address, and the secrets with which the shop and the portal sign."""

import base64

import environ

from config.environment.addresses import split
from config.environment.refusals import refuse_if

EXAMPLE = "https://shop.example/claims-events"


def shop_url(env: environ.Env, name: str) -> str:
    url: str = env.str(name, default="")
    where = split(name, url, example=EXAMPLE)
    is_address = where.scheme in ("https", "http") and where.hostname and not where.username
    refuse_if(url and not is_address, f"{name} must be like {EXAMPLE}.")
    return url


def webhook_secrets(env: environ.Env, name: str) -> list[str]:
    """Return secrets in the form of Standard Webhooks."""
    secrets: list[str] = env.list(name, default=[])
    for number, secret in enumerate(secrets, 1):
        refuse_if(
            not 24 <= len(_key(secret)) <= 64,
            f"{name}, number {number}: write whsec_ and 24 to 64 random bytes in base64.",
        )
    return secrets


def _key(secret: str) -> bytes:
    """Return the bytes of a secret; b"" if it can't be decoded."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return b""
