"""Mails to staff: about one event, and the daily digest."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from claims import queries
from claims.models import Claim, Event, Notice

MOST_LISTED = 20
"""The most claims that a digest lists."""
ACKNOWLEDGED_WITHIN = timedelta(hours=1)
"""The time that the shop has to acknowledge a return. After it, the digest counts the return."""


def mail_staff(*, event_id: int) -> None:
    """Mail a claim's assignee, or all Supervisors if it has no active one, about one event."""
    event = Event.objects.select_related("claim__assignee", "claim__order").get(pk=event_id)
    claim = event.claim
    if claim is None:
        raise ValueError(f"Event {event_id} is not of a claim.")
    context = {"claim": claim, "url": _review_url(claim)}
    text = render_to_string(f"emails/staff/{event.kind}.txt", context)
    mail = EmailMessage(
        subject=f"Claim {claim.code}: {event.get_kind_display().lower()}",
        body=text.strip() + "\n",
        bcc=[person.email for person in _whose_work(claim)],
    )
    mail.send()


def mail_digest(*, now: datetime) -> int:
    """Mail all Supervisors a digest of their open work, and return the number of mails.

    The digest has overdue claims, notices that went wrong, webhooks that the shop didn't take,
    returns that it didn't acknowledge or agree to, and its events that aren't applied. If there is
    nothing to tell, no mail goes out. If one mail fails, the others still go out, and an
    `ExceptionGroup` is raised at the end.
    """
    late = queries.overdue(now=now).select_related("order", "assignee")
    wrong = Notice.objects.filter(state__in=Notice.WENT_WRONG)
    context = {
        "count": late.count(),
        "listed": [(claim, _review_url(claim)) for claim in late[:MOST_LISTED]],
        "wrong": wrong.count(),
        "queue_url": settings.BASE_URL + reverse("admin:claims_claim_changelist"),
        "notices_url": settings.BASE_URL + reverse("admin:claims_notice_changelist"),
        "dead": queries.dead_webhooks().count(),
        "webhooks_url": settings.BASE_URL + reverse("admin:claims_webhook_changelist"),
        "unagreed": queries.open_returns(before=now - ACKNOWLEDGED_WITHIN).count(),
        "returns_url": settings.BASE_URL + reverse("admin:claims_acknowledgement_changelist"),
        "unapplied": queries.unapplied_events(now=now),
        "events_url": settings.BASE_URL + reverse("admin:claims_shopevent_changelist"),
        "now": now,
    }
    if not any(context[name] for name in ("count", "wrong", "dead", "unagreed", "unapplied")):
        return 0
    text = render_to_string("emails/staff/digest.txt", context).strip() + "\n"
    subject = f"Claims desk: {context['count']} overdue on {now:%-d %B %Y}"
    failures: list[Exception] = []
    people = list(_supervisors())
    for person in people:
        try:
            EmailMessage(subject=subject, body=text, to=[person.email]).send()
        except (smtplib.SMTPException, OSError) as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("The digest didn't reach everybody.", failures)
    return len(people)


def _review_url(claim: Claim) -> str:
    return settings.BASE_URL + reverse("admin:claims_claim_review", args=[claim.pk])


def _whose_work(claim: Claim) -> Iterable[User]:
    if claim.assignee and claim.assignee.is_active:
        return [claim.assignee]
    return _supervisors()


def _supervisors() -> QuerySet[User]:
    return User.objects.filter(is_active=True, is_staff=True, groups__name="Supervisor")
