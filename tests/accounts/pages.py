"""The parts of a page's answer that a visitor can see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core import mail
from django.test import Client
from django.urls import reverse


@dataclass(frozen=True)
class Told:
    """The content of an answer, with the visitor's own email removed."""

    statuses: tuple[int, ...]
    addresses: tuple[str, ...]
    cookies: frozenset[str]
    text: str


def told(client: Client, url: str, fields: dict[str, Any], *, email: str) -> Told:
    """Send a form, follow it to its end, and return everything that the visitor sees."""
    response = client.post(url, fields, follow=True)
    chain = response.redirect_chain
    return Told(
        statuses=(*(status for _, status in chain), response.status_code),
        addresses=tuple(address for address, _ in chain),
        cookies=frozenset(client.cookies),
        text=text_of(response).replace(email, "(email)"),
    )


def text_of(response: Any) -> str:
    page = response.content.decode()
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)


def sign_in(client: Client, email: str, password: str) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password})


def signed_in_as(client: Client) -> str | None:
    """Return the user id in the session, as Django keeps it."""
    return client.session.get("_auth_user_id")


def link_in_mail(number: int = -1) -> str:
    """Return the first address in a mail, without its scheme and host."""
    found = re.search(r"https?://[^/\s]+(/\S+)", str(mail.outbox[number].body))
    assert found, mail.outbox[number].body
    return found[1]


def code_in_mail() -> str:
    """Return the sign-in code in the last mail."""
    found = re.search(r"^\s{4}(\S+)$", str(mail.outbox[-1].body), re.MULTILINE)
    assert found, mail.outbox[-1].body
    return found[1]
