"""The page that waits for a mail says by itself that the mail server refuses the address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts import sign_in_outbox
from accounts.models import SignInMail, User
from tests.browser.conftest import Site
from tests.mail_server import MailServer
from tests.processes import PATIENCE, wait_until


@pytest.mark.parametrize("email", ["ann@example.com", "nobody@example.com"])
def test_a_refusal_is_told_while_the_code_is_awaited(
    open_page: Callable[..., Page], site: Site, ann: User, server: MailServer, email: str
) -> None:
    page = open_page()
    page.goto(f"{site.url}/account/login/code/")
    page.get_by_label("Email").fill(email)
    page.get_by_role("button", name="Send me the code").click()
    expect(page.get_by_role("button", name="Send another code")).to_be_visible()
    page.get_by_label("Code").fill("ABC")
    server.mood = "rcpt"

    mail = SignInMail.objects.get()
    sign_in_outbox.send_mail(mail_id=mail.pk, clock=lambda: mail.made_at)

    expect(page.get_by_text(f"The mail server of {email} doesn't take our mail")).to_be_visible(
        timeout=PATIENCE * 1000
    )
    expect(page.get_by_label("Code")).to_have_value("ABC")
    page.get_by_role("button", name="Send another code").click()
    wait_until(lambda: SignInMail.objects.count() > 1)
    assert [row.state for row in SignInMail.objects.order_by("pk")] == ["refused", "waiting"]
