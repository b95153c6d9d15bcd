"""The mails of the sign-in pages: a page writes them, and a worker sends them.

So no mail server makes a page wait or fail. A mail goes out at least once, unless it expires before
the mail server takes it.
"""

from __future__ import annotations

import json
import logging
import smtplib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import make_msgid
from typing import Final

from django.core.mail import EmailMessage
from django.core.mail.utils import DNS_NAME
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from procrastinate.contrib.django import app
from psycopg import errors

from accounts.mail_backend import is_refused_for_good, open_connection
from accounts.models import SignInMail
from accounts.sealing import CannotUnsealError, seal, unseal

SEND: Final = "claims.send_sign_in_mail"
"""The name of the task that calls `send_mail`."""

LAST_MAIL: Final = "last_mail"
"""The key in the session of the last mail: its address in lower case, and its time (epoch)."""

CODE_LIVES: Final = timedelta(minutes=15)
LIFETIMES: Final = {"login_code": CODE_LIVES}
LINK_WAITS: Final = timedelta(days=1)
"""The time for which we try to send a mail with a link, which lives longer than that."""
KEPT: Final = timedelta(days=2)
REFUSAL_IS_TOLD: Final = CODE_LIVES
SECONDS: Final = 20
"""For each answer of the mail server. Somebody waits, so a hanging one is soon tried again."""

State = SignInMail.State
log = logging.getLogger(__name__)


class MailStillWaitsError(Exception):
    """The mail server didn't take the mail; a worker tries again later."""


def put_mail(kind: str, mail: EmailMessage, *, now: datetime) -> SignInMail | None:
    """Write a mail with one recipient and its job, in the caller's transaction if there is one.

    Returns None for a second mail in a day to an address without an account.
    """
    (address,) = mail.to
    if kind == SignInMail.UNKNOWN_ACCOUNT and _reached_today(address, now=now):
        return None
    try:
        with transaction.atomic():
            row = SignInMail.objects.create(
                kind=kind,
                address=address,
                sealed=seal(_written(mail)),
                day=now.astimezone(UTC).date(),
                made_at=now,
                expires_at=now + LIFETIMES.get(kind, LINK_WAITS),
            )
            app.configure_task(SEND).defer(mail_id=row.pk)
    except IntegrityError as error:
        # Another request has just written the mail of this day.
        if kind == SignInMail.UNKNOWN_ACCOUNT and isinstance(
            error.__cause__, errors.UniqueViolation
        ):
            return None
        raise
    return row


def send_mail(*, mail_id: int, clock: Callable[[], datetime]) -> None:
    """Send a mail that waits. Raises `MailStillWaitsError` when the caller should try again.

    Neither the logs nor the row say what the mail server answered, because it may repeat the mail.
    """
    row = SignInMail.objects.filter(pk=mail_id, state=State.WAITING).first()
    if row is None:
        return
    if row.expires_at <= clock():
        _end(row, State.EXPIRED, now=clock(), problem=row.problem)
        return
    try:
        mail = _mail_of(row)
        with open_connection(timeout=SECONDS) as connection:
            connection.send_messages([mail])
    except CannotUnsealError:
        _end(row, State.EXPIRED, now=clock(), problem="The SECRET_KEY has changed.")
    except Exception as error:  # noqa: BLE001  # kept as a word, and raised unless it is final
        if is_refused_for_good(error):
            _end(row, State.REFUSED, now=clock(), problem=_in_a_word(error))
            return
        _waiting(row).update(tried_at=clock(), problem=_in_a_word(error))
        log.warning("Sign-in mail %s still waits: %s", row.pk, _in_a_word(error))
        raise MailStillWaitsError(f"Sign-in mail {row.pk}: {_in_a_word(error)}") from None
    else:
        _end(row, State.SENT, now=clock())


def is_refused(address: str, *, now: datetime) -> bool:
    """Return True if the newest mail to the address that has an end was refused, a short time ago.

    What waits doesn't count, because no mail waits at the second try for an unknown address.
    """
    mails = SignInMail.objects.alias(whole=Lower("address")).filter(whole=address.lower())
    ended = mails.filter(
        state__in=[State.SENT, State.REFUSED], made_at__gt=now - REFUSAL_IS_TOLD
    ).order_by("-id")
    return ended.values_list("state", flat=True).first() == State.REFUSED


def erase_expired(*, now: datetime) -> int:
    """Erase the mails that no mail server took in time, and return their number."""
    expired = SignInMail.objects.filter(state=State.WAITING, expires_at__lte=now)
    return expired.update(state=State.EXPIRED, sealed="")


def forget_old(*, now: datetime) -> int:
    """Delete the rows of mails that ended days ago, and return their number."""
    old = SignInMail.objects.exclude(state=State.WAITING).filter(made_at__lt=now - KEPT)
    return old.delete()[0]


def _reached_today(address: str, *, now: datetime) -> bool:
    mails = SignInMail.objects.alias(whole=Lower("address")).filter(whole=address.lower())
    return mails.filter(
        kind=SignInMail.UNKNOWN_ACCOUNT,
        state__in=[State.WAITING, State.SENT],
        made_at__gt=now - timedelta(days=1),
    ).exists()


def _written(mail: EmailMessage) -> str:
    """Return the mail as JSON. Each try sends it under the same id."""
    return json.dumps(
        {
            "subject": str(mail.subject),
            "body": str(mail.body),
            "from_email": mail.from_email,
            "headers": {"Message-ID": make_msgid(domain=str(DNS_NAME)), **mail.extra_headers},
        }
    )


def _mail_of(row: SignInMail) -> EmailMessage:
    return EmailMessage(to=[row.address], **json.loads(unseal(row.sealed)))


def _end(row: SignInMail, state: State, *, now: datetime, problem: str = "") -> None:
    """Erase the mail and keep its result, unless it has ended meanwhile."""
    sent_at = now if state == State.SENT else None
    _waiting(row).update(state=state, sealed="", tried_at=now, sent_at=sent_at, problem=problem)
    if state != State.SENT:
        log.warning("Sign-in mail %s is %s: %s", row.pk, state, problem)


def _waiting(row: SignInMail) -> QuerySet[SignInMail]:
    return SignInMail.objects.filter(pk=row.pk, state=State.WAITING)


def _in_a_word(error: Exception) -> str:
    """Return the kind of error, with the code of the mail server's answer."""
    codes: list[int] = []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    elif isinstance(error, smtplib.SMTPResponseException):
        codes = [error.smtp_code]
    return " ".join([type(error).__name__, *map(str, codes)])
