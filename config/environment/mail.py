"""The mail server, by its URL."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any, Final

import environ

from config.environment.addresses import split
from config.environment.refusals import refuse_if

EXAMPLE: Final = "smtp+tls://user:password@host:587"
SMTP: Final = ("smtp", "smtps", "smtp+tls", "smtp+ssl")
OTHERS: Final = ("filemail", "consolemail", "memorymail", "dummymail")
"""The schemes that send nothing; a demo may use them."""
BACKEND: Final = "accounts.mail_backend.SmtpBackend"


def mail_server(env: environ.Env, name: str, *, in_production: bool) -> dict[str, Any]:
    """Return Django's settings for the mail server; a demo without one has none."""
    url: str = env.str(name, default="").strip()
    if not url and not in_production:
        return {}
    where = split(name, url, example=EXAMPLE)
    schemes = SMTP if in_production else (*SMTP, *OTHERS)
    refuse_if(
        where.scheme not in schemes or (where.scheme in SMTP and not where.hostname),
        f"{name} must name a mail server: {EXAMPLE}",
    )
    config: dict[str, Any] = env.email_url_config(url)
    return config | ({"EMAIL_BACKEND": BACKEND} if where.scheme in SMTP else {})


def sender(env: environ.Env, name: str, *, default: str) -> str:
    text: str = env.str(name, default=default).strip()
    _, address = parseaddr(text)
    local, _, domain = address.rpartition("@")
    refuse_if(
        not local or not domain or len(text.splitlines()) != 1,
        f"{name} must be an address, such as ESIMPY claims <claims@shop.example>.",
    )
    return text
