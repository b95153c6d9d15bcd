"""Where the shop listens, and the secrets that it and the portal sign with."""

import base64
from urllib.parse import urlsplit

import environ

from config.environment.refusals import refuse_if


def shop_url(env: environ.Env, name: str) -> str:
    url: str = env.str(name, default="")
    where = urlsplit(url)
    is_address = where.scheme in ("https", "http") and where.hostname and not where.username
    refuse_if(url and not is_address, f"{name} must be like https://shop.example/claims-events.")
    return url


def webhook_secrets(env: environ.Env, name: str) -> list[str]:
    """Secrets as Standard Webhooks writes them."""
    secrets: list[str] = env.list(name, default=[])
    for number, secret in enumerate(secrets, 1):
        refuse_if(
            not 24 <= len(_key(secret)) <= 64,
            f"{name}, number {number}: write whsec_ and 24 to 64 random bytes in base64.",
        )
    return secrets


def _key(secret: str) -> bytes:
    """The bytes of a secret; none of one that can't be read."""
    try:
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return b""
