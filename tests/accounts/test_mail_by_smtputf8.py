"""Mails of the sign-in pages to local parts that aren't ASCII."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.pages import outbox, text_of, told
from tests.mail_server import MailServer
from tests.makers import make_user

STORED = "jörg@xn--mller-kva.example"
SIGN_UP, CODE, RESET = map(
    reverse, ("account_signup", "account_request_login_code", "account_reset_password")
)


@pytest.fixture
def joerg(db: None) -> User:
    return make_user(STORED)


WAITING_PAGES = {
    SIGN_UP: reverse("account_email_verification_sent"),
    CODE: reverse("account_confirm_login_code"),
    RESET: reverse("account_reset_password_done"),
}


@pytest.mark.parametrize("page", [SIGN_UP, CODE, RESET])
def test_server_without_smtputf8_is_told_alike_for_known_and_new_addresses(
    joerg: User, server: MailServer, page: str
) -> None:
    seen = []
    for email in (STORED, "käthe@example.com"):
        visitor = Client()
        asked = told(visitor, page, {"email": email}, email=email)
        outbox()
        seen.append((asked, text_of(visitor.get(WAITING_PAGES[page])).replace(email, "(email)")))
    assert seen[0] == seen[1]
    assert seen[0][0].statuses == (302, 200)
    assert "The mail server of (email) doesn't take our mail" in seen[0][1]
    assert server.mails == []


def test_server_with_smtputf8_gets_the_code(
    joerg: User, server: MailServer, client: Client
) -> None:
    server.extensions = ["8BITMIME", "SMTPUTF8"]
    client.post(CODE, {"email": STORED})
    outbox()
    assert server.envelopes[1] == f"rcpt TO:<{STORED}>"
    assert f"\r\nTo: {STORED}\r\n".encode() in server.raw[0]
