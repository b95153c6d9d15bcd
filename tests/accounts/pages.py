"""The parts of a page's answer that a visitor can see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.urls import reverse
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.sign_in_outbox import SEND


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


def outbox() -> list[EmailMessage]:
    """Do a worker's jobs with mails of the sign-in pages, and return all mails so far."""
    for job in ProcrastinateJob.objects.filter(task_name=SEND, status="todo").order_by("id"):
        app.tasks[SEND].func(mail_id=job.args["mail_id"])
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job.pk]
            )
    return mail.outbox


def link_in_mail(number: int = -1) -> str:
    """Return the first address in a mail, without its scheme and host."""
    body = str(outbox()[number].body)
    found = re.search(r"https?://[^/\s]+(/\S+)", body)
    assert found, body
    return found[1]


def code_in_mail() -> str:
    """Return the sign-in code in the last mail."""
    return code_of(str(outbox()[-1].body))


def code_of(body: str) -> str:
    """Return the sign-in code in the text of a mail."""
    found = re.search(r"^ {4}(\S+)\r?$", body, re.MULTILINE)
    assert found, body
    return found[1]
