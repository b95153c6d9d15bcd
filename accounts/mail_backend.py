"""Mail to local parts that aren't ASCII, by SMTPUTF8 (RFC 6531).

Django encodes such a local part as an encoded word, which is another mailbox, or nobody's.
"""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.headerregistry import parser as headers  # type: ignore[attr-defined]  # typeshed leaves it out

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend

from accounts.addresses import ascii_domain

OPTIONS = ["SMTPUTF8", "BODY=8BITMIME"]


class NoSmtpUtf8Error(smtplib.SMTPNotSupportedError):
    """The mail server doesn't offer SMTPUTF8, without which this mail can't go out."""


class SmtpBackend(smtp.EmailBackend):
    """Sends as Django does, and with SMTPUTF8 where an address of the mail needs it.

    Raises `NoSmtpUtf8Error` before anything is sent if the server doesn't offer it.
    """

    def _send(self, email_message: EmailMessage) -> bool:
        if not needs_utf8(email_message):
            return bool(super()._send(email_message))  # type: ignore[misc]  # unknown to the stubs
        server = self.connection
        assert server is not None  # noqa: S101  # Django opens it before
        server.ehlo_or_helo_if_needed()
        if not server.has_extn("smtputf8"):
            raise NoSmtpUtf8Error(
                f"the mail server {self.host} doesn't offer SMTPUTF8, which mail to"
                f" {', '.join(email_message.recipients())} needs"
            )
        server.sendmail(
            _mailbox(email_message.from_email).addr_spec,
            [_mailbox(each).addr_spec for each in email_message.recipients()],
            in_utf8(email_message),
            mail_options=OPTIONS,
        )
        return True


@contextmanager
def open_connection(*, timeout: int | None = None) -> Iterator[BaseEmailBackend]:
    """Yield an open connection to the mail server; `timeout` is in seconds, for each answer.

    The server has taken the mail or refused it when the connection is closed, so a bad answer to
    QUIT, or none, changes neither.
    """
    connection = get_connection(timeout=timeout)
    connection.open()
    try:
        yield connection
    finally:
        with suppress(OSError):  # what SMTP says is one, too
            connection.close()


def is_refused_for_good(error: Exception) -> bool:
    """Return True if the mail server can't take the mail, or has refused it for good.

    A refusal for good is 5yz (RFC 5321).
    """
    if isinstance(error, NoSmtpUtf8Error):
        return True
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


def needs_utf8(mail: EmailMessage) -> bool:
    addresses = [mail.from_email, *mail.recipients(), *mail.reply_to]
    return not all(_mailbox(each).username.isascii() for each in addresses)


def in_utf8(mail: EmailMessage) -> bytes:
    """Return the mail with its addresses in raw UTF-8, their domains in ASCII (RFC 6532)."""
    bare = copy(mail)
    # Django folds a long local part into two lines, and then refuses it for its line break.
    bare.from_email, bare.to, bare.cc, bare.reply_to = "", [], [], []
    whole = message_from_bytes(bare.message().as_bytes(), policy=policy.SMTPUTF8)
    named = {"From": [mail.from_email], "To": mail.to, "Cc": mail.cc, "Reply-To": mail.reply_to}
    for name, addresses in named.items():
        del whole[name]
        if addresses:
            whole[name] = [_mailbox(each) for each in addresses]
    return whole.as_bytes()


def _mailbox(text: str) -> Address:
    """Read a mailbox, with or without a name."""
    found, _rest = headers.get_mailbox(text)
    return Address(found.display_name or "", found.local_part, ascii_domain(found.domain or ""))
