"""Mails to local parts that aren't ASCII."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone

from accounts import mail_backend
from accounts.mail_backend import NoSmtpUtf8Error
from claims.actions.notices import delivery
from claims.models import Notice, NoticeMail
from tests.makers import make_claim, make_order, make_user

NOW = timezone.now()
JOERG = "jörg@xn--mller-kva.example"


@pytest.fixture
def notice(db) -> Notice:
    claim = make_claim(make_order(make_user("JÖRG@Müller.example")))
    return Notice.objects.get(event__claim=claim)


@pytest.fixture
def offering(server):
    server.extensions = ["8BITMIME", "SMTPUTF8"]
    return server


def send(notice) -> None:
    delivery.send_notice(event_id=notice.event_id, clock=lambda: NOW)
    notice.refresh_from_db()


def test_a_notice_goes_out_by_smtputf8(notice, offering):
    send(notice)

    assert (notice.state, notice.address, notice.problem) == ("sent", JOERG, "")
    sender, recipient = offering.envelopes
    assert sender.startswith("mail FROM:<claims@localhost>")
    assert "SMTPUTF8" in sender
    assert "BODY=8BITMIME" in sender
    assert recipient == f"rcpt TO:<{JOERG}>"
    head = offering.raw[0].partition(b"\r\n\r\n")[0].decode()
    assert f"To: {JOERG}" in head.splitlines()
    assert "From: ESIMPY claims <claims@localhost>" in head.splitlines()
    [mail] = offering.mails
    assert mail["Message-ID"] == notice.message_id
    text, page = (part.get_content() for part in mail.iter_parts())
    stored = NoticeMail.objects.get(notice=notice)
    assert text.replace("\r\n", "\n") == stored.text
    assert stored.address == JOERG
    assert 'class="button"' in page


def test_a_server_that_does_not_offer_it_settles_the_notice_at_once(notice, server):
    send(notice)
    send(notice)

    assert (notice.state, notice.attempts) == ("failed", 1)
    assert "doesn't offer SMTPUTF8" in notice.problem
    assert JOERG in notice.problem
    assert (server.mails, server.envelopes) == ([], [])


def test_it_is_sent_again_once_the_server_offers_it(notice, server, sue):
    send(notice)
    server.extensions = ["8BITMIME", "SMTPUTF8"]

    delivery.resend(notice_id=notice.pk, by=sue)
    send(notice)

    assert (notice.state, len(server.mails)) == ("sent", 1)


def test_without_the_backend_the_mail_would_go_to_another_mailbox(notice, server, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    send(notice)

    assert notice.state == "sent"
    assert server.envelopes[1] == "rcpt TO:<=?utf-8?b?asO2cmc=?=@xn--mller-kva.example>"


def test_an_ascii_mailbox_of_any_domain_needs_no_smtputf8(server):
    mail = EmailMessage("Hi", "Hi", to=["Ann <ann@müller.example>"], reply_to=["a@müller.example"])

    assert mail.send() == 1

    assert server.envelopes[1] == "rcpt TO:<ann@xn--mller-kva.example>"
    assert server.mails[0]["Reply-To"] == "a@xn--mller-kva.example"


def test_every_header_of_addresses_is_in_utf_8(offering):
    long = f"{'ü' * 32}@example.com"
    mail = EmailMessage(
        "Grüße", "Grüße\n", "Käthe <käthe@müller.example>", [long, "Jörg <jörg@example.com>"],
        cc=["cc@example.com"], bcc=["bcc@example.com"], reply_to=["Ö <ö@müller.example>"],
    )  # fmt: skip

    assert mail.send() == 1

    head = offering.raw[0].partition(b"\r\n\r\n")[0].decode().replace("\r\n ", " ").splitlines()
    assert "From: Käthe <käthe@xn--mller-kva.example>" in head
    assert f"To: {long}, Jörg <jörg@example.com>" in head
    assert "Cc: cc@example.com" in head
    assert "Reply-To: Ö <ö@xn--mller-kva.example>" in head
    assert "bcc" not in "".join(head)
    assert len(offering.envelopes) == 5
    assert offering.mails[0]["Subject"] == "Grüße"
    assert offering.mails[0].get_content() == "Grüße\r\n"


def test_one_mail_that_needs_it_keeps_the_others_of_a_connection(server):
    plain = EmailMessage("Hi", "Hi", to=["ann@example.com"])
    with pytest.raises(NoSmtpUtf8Error):
        get_connection().send_messages([plain, EmailMessage("Hi", "Hi", to=[JOERG])])

    assert [mail["To"] for mail in server.mails] == ["ann@example.com"]


def test_the_options_are_those_of_rfc_6531(notice, offering, monkeypatch):
    """Without the option, the address would be refused by the client itself."""
    monkeypatch.setattr(mail_backend, "OPTIONS", [])

    with pytest.raises(delivery.NotSentError):
        send(notice)
    assert offering.mails == []
