"""The delivery of notices. A worker sends each at most once by itself, outside of transactions.

There are three steps: begin, send and end. Only the middle one talks to the mail server. A worker
that dies mid-send leaves the notice in `sending`; nobody can tell whether the mail went out.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from datetime import datetime
from typing import Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django import app

from accounts.mail_backend import is_refused_for_good, open_connection
from accounts.models import User
from claims.actions.core.notice_outbox import TELL_CUSTOMER
from claims.actions.notices.composition import mail_about
from claims.models import Notice, NoticeMail

MOST_ATTEMPTS: Final = 8
INTERRUPTED: Final = "A worker was stopped while it sent this, so it may have gone out."
State = Notice.State


class NotSentError(Exception):
    """The mail didn't go out; a worker tries again later."""


class _PerhapsSentError(Exception):
    """The connection broke, perhaps after the mail server had taken the mail."""


def send_notice(*, event_id: int, clock: Callable[[], datetime]) -> None:
    """Mail the customer about one event, unless another call has done so or begun to.

    Raises `NotSentError` when the caller should try again. The notice becomes `failed` after
    `MOST_ATTEMPTS`, or at once if the mail server refuses the mail for good.
    """
    notice = _begin(event_id, now=clock())
    if notice is None:
        return
    try:
        mail = mail_about(notice)
        _keep(notice, mail, now=clock())
        _hand_over(mail)
    except _PerhapsSentError as error:
        _end(notice, State.UNSURE, problem=str(error))
    except Exception as error:  # stored on the notice, and raised unless it is final
        if is_refused_for_good(error) or notice.attempts >= MOST_ATTEMPTS:
            _end(notice, State.FAILED, problem=_said(error))
            return
        _end(notice, State.WAITING, problem=_said(error))
        raise NotSentError(_said(error)) from error
    else:
        _end(notice, State.SENT, sent_at=clock())


@transaction.atomic(durable=True)
def resend(*, notice_id: int, by: User) -> Notice:
    """Have a worker send a notice again that went wrong.

    Raises `ValidationError` (`notice`) unless it is `RESENDABLE` and its customer has an address;
    raises `PermissionDenied`.
    """
    if not by.has_perm("claims.resend_notice"):
        raise PermissionDenied(_("Only who decides claims sends notices again."))
    notices = Notice.objects.select_for_update(of=("self",)).select_related(
        "event__order__customer"
    )
    notice = notices.get(pk=notice_id)
    if notice.state not in Notice.RESENDABLE:
        raise ValidationError(
            _("%(notice)s is %(state)s, so it isn't sent again."),
            code="notice",
            params={"notice": notice, "state": notice.get_state_display()},
        )
    if not notice.event.order.customer.email:
        raise ValidationError(
            _("%(notice)s isn't sent: the customer has no address."),
            code="notice",
            params={"notice": notice},
        )
    notice.wait_again()
    app.configure_task(TELL_CUSTOMER).defer(event_id=notice.event_id)
    return notice


@transaction.atomic(durable=True)
def record_bounce(*, message_id: str, problem: str) -> Notice | None:
    """Mark a notice as bounced and return it; None if the mail isn't ours or bounced before."""
    notices = Notice.objects.select_for_update(of=("self",))
    notice = notices.filter(message_id=message_id, state__in=[State.SENT, State.UNSURE]).first()
    if notice:
        notice.settle(State.BOUNCED, problem=problem)
    return notice


@transaction.atomic(durable=True)
def _begin(event_id: int, *, now: datetime) -> Notice | None:
    """Mark the notice as `sending` and return it; None unless it waits.

    A notice that is `sending` already becomes `unsure`, and one to a customer without an address
    `unmailed`: they read it on their page.
    """
    notices = Notice.objects.select_for_update(of=("self",)).select_related(
        "event__claim__order__customer", "event__claim__order__number"
    )
    notice = notices.get(event=event_id)
    if notice.state == State.SENDING:
        notice.settle(State.UNSURE, problem=INTERRUPTED)
        return None
    if notice.state != State.WAITING:
        return None
    address = notice.event.order.customer.email
    if not address:
        notice.settle(State.UNMAILED)
        return None
    notice.begin(address=address, at=now)
    return notice


@transaction.atomic(durable=True)
def _end(notice: Notice, state: str, *, problem: str = "", sent_at: datetime | None = None) -> None:
    """Save the result. `sent` also replaces `unsure`, which another worker may set meanwhile."""
    now = Notice.objects.select_for_update(of=("self",)).get(pk=notice.pk)
    if now.state == State.SENDING or (now.state == State.UNSURE and state == State.SENT):
        now.settle(state, problem=problem, sent_at=sent_at)


def _keep(notice: Notice, mail: EmailMultiAlternatives, *, now: datetime) -> None:
    """Store the mail before it goes out, so that every sent mail is stored."""
    NoticeMail.objects.create(
        notice=notice,
        at=now,
        address=notice.address,
        language=notice.event.order.customer.language,
        subject=str(mail.subject),
        text=str(mail.body),
    )


def _hand_over(mail: EmailMultiAlternatives) -> None:
    """Send the mail. Raises `_PerhapsSentError` for a broken connection, or the server's error."""
    with open_connection() as connection:
        try:
            connection.send_messages([mail])
        except smtplib.SMTPServerDisconnected as error:
            raise _PerhapsSentError(_said(error)) from error
        except smtplib.SMTPException:  # it is an OSError, too, but the server has answered
            raise
        except OSError as error:
            raise _PerhapsSentError(_said(error)) from error


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:500]
