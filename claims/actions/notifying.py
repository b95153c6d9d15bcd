"""Mail to customers, as a worker sends it."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string, select_template
from django.urls import reverse

from accounts.models import User
from claims import policy, queries
from claims.actions.appealing import appeal_until, object_until
from claims.actions.letters import letter_names, spelled, words_in
from claims.actions.offering import open_offer
from claims.actions.timekeeping import answer_until
from claims.models import Claim, Event, Notice

MOST_LISTED = 20
"""Claims that a digest names."""
ACKNOWLEDGED_WITHIN = timedelta(hours=1)
"""Of a return, by the shop. After that the Supervisors are told."""


def mail_about(notice: Notice) -> EmailMultiAlternatives:
    """The mail to the customer of a claim about one event of it, in their language, as plain text
    and as HTML.
    """
    event = notice.event
    claim = event.claim
    if claim is None:
        raise ValueError(f"Event {event.pk} is not of a claim.")
    language = claim.order.customer.language
    letter = select_template(letter_names(event.kind, language))
    text = letter.render(_context(event, claim)).strip() + "\n"
    mail = EmailMultiAlternatives(
        subject=words_in(language).subjects[Event.Kind(event.kind)].format(code=claim.code),
        body=spelled(text, language),
        to=[notice.address],
        headers={"Message-ID": notice.message_id},
    )
    mail.attach_alternative(_as_html(mail, claim), "text/html")
    return mail


def _as_html(mail: EmailMultiAlternatives, claim: Claim) -> str:
    """The same words, but for the last two lines: the address of the claim is a button."""
    greeting, *said, _address, _sender = str(mail.body).strip().split("\n\n")
    url = settings.BASE_URL + claim.get_absolute_url()
    language = claim.order.customer.language
    context = {
        "language": language,
        "words": words_in(language),
        "subject": mail.subject,
        "greeting": greeting,
        "paragraphs": said,
        "url": url,
    }
    return render_to_string("emails/notice.html", context)


def mail_staff(*, event_id: int) -> None:
    """Mail whose work a claim is, or all Supervisors when it is nobody's, about one event of it."""
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
    """Mail all Supervisors what waits for them; how many got it.

    That is what is overdue, notices that went wrong, and what the shop didn't take or agree to. No
    mail when there is nothing to tell. One address that is refused keeps it from no other; then an
    `ExceptionGroup` is raised at the end.
    """
    late = queries.overdue(now=now).select_related("order", "assignee")
    wrong = Notice.objects.filter(state__in=Notice.RESENDABLE)
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
        "now": now,
    }
    if not any(context[name] for name in ("count", "wrong", "dead", "unagreed")):
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


def _context(event: Event, claim: Claim) -> dict[str, object]:
    clause = event.data.get("clause")
    language = claim.order.customer.language
    return {
        "claim": claim,
        "order": claim.order,
        "customer": claim.order.customer,
        "data": event.data,
        "clause": words_in(language).clauses[policy.Clause(clause)] if clause else "",
        "clause_url": f"{settings.BASE_URL}/policy/#{clause}" if clause else "",
        "url": settings.BASE_URL + claim.get_absolute_url(),
        "answer_until": _answer_until(claim),
        "back_until": _back_until(claim),
        "choose_until": _choose_until(claim),
    }


def _answer_until(claim: Claim) -> str:
    """Until when a claim waits for its customer; empty when it doesn't."""
    waits = claim.status == Claim.Status.WAITING_CUSTOMER
    return policy.in_words(answer_until(claim)) if waits else ""


def _choose_until(claim: Claim) -> str:
    """Before when the customer can choose a replacement; empty when none is on offer."""
    offer = open_offer(claim)
    return policy.in_words(offer.answer_by) if offer else ""


def _back_until(claim: Claim) -> str:
    """Before when the customer can speak up against how the claim ended; empty when they can't."""
    until = appeal_until(claim) or object_until(claim)
    return policy.in_words(until) if until else ""
