"""Mails of the sign-in pages to local parts that aren't ASCII."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.pages import told
from tests.mail_server import MailServer
from tests.makers import make_user

STORED = "jörg@xn--mller-kva.example"
SIGN_UP, CODE, RESET = map(
    reverse, ("account_signup", "account_request_login_code", "account_reset_password")
)


@pytest.fixture
def joerg(db: None) -> User:
    return make_user(STORED)


@pytest.mark.parametrize("page", [SIGN_UP, CODE, RESET])
def test_server_without_smtputf8_is_told_alike_for_known_and_new_addresses(
    joerg: User, server: MailServer, page: str
) -> None:
    known = told(Client(), page, {"email": STORED}, email=STORED)
    new = told(Client(), page, {"email": "käthe@example.com"}, email="käthe@example.com")
    assert known == new
    assert known.statuses == (302, 200)
    assert "We can&#x27;t send mail to (email), so no mail is on its way." in known.text
    assert server.mails == []


def test_server_with_smtputf8_gets_the_code(
    joerg: User, server: MailServer, client: Client
) -> None:
    server.extensions = ["8BITMIME", "SMTPUTF8"]
    client.post(CODE, {"email": STORED})
    assert server.envelopes[1] == f"rcpt TO:<{STORED}>"
    assert f"\r\nTo: {STORED}\r\n".encode() in server.raw[0]
