"""The mail about a notice, in the customer's language and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import timezone, translation

from claims import policy, wording
from claims.models import Claim, Event, Notice
from claims.queries.customer.time_limits import answer_until, appeal_until, object_until, open_offer
from claims.wording.subjects import subject


def mail_about(notice: Notice) -> EmailMultiAlternatives:
    """Return the mail to the customer about one event of a claim, as plain text and as HTML."""
    event = notice.event
    claim = event.claim
    if claim is None:
        raise ValueError(f"Event {event.pk} is not of a claim.")
    customer = claim.order.customer
    zone = ZoneInfo(customer.time_zone)
    with translation.override(customer.language), timezone.override(zone):
        mail = EmailMultiAlternatives(
            subject=subject(event.kind, claim.code),
            body=render_to_string(f"emails/{event.kind}.txt", _context(event, claim)).strip()
            + "\n",
            to=[notice.address],
            headers={"Message-ID": notice.message_id},
        )
        mail.attach_alternative(_as_html(mail, claim), "text/html")
    return mail


def _as_html(mail: EmailMultiAlternatives, claim: Claim) -> str:
    """Return the same words as HTML, with a button for the last line but one, the address."""
    greeting, *said, _address, _sender = str(mail.body).strip().split("\n\n")
    context = {
        "language": claim.order.customer.language,
        "subject": mail.subject,
        "greeting": greeting,
        "paragraphs": said,
        "url": settings.BASE_URL + claim.get_absolute_url(),
    }
    return render_to_string("emails/notice.html", context)


def _context(event: Event, claim: Claim) -> dict[str, object]:
    order = claim.order
    return {
        "code": claim.code,
        "order_id": order.shop_id,
        "customer": order.customer,
        "price": order.refundable,
        "currency": order.currency,
        "proof_code": claim.proof_code,
        "is_repairing": claim.status == Claim.Status.REPAIRING,
        "url": settings.BASE_URL + claim.get_absolute_url(),
        "answer_until": _answer_until(claim),
        "back_until": _back_until(claim),
        "choose_until": _choose_until(claim),
        **_told_by(event),
    }


def _told_by(event: Event) -> Mapping[str, Any]:
    """Return the part of the context that comes from the event."""
    data = event.data
    clause = data.get("clause")
    until = data.get("until")
    return {
        "note": data.get("note", ""),
        "amount": data.get("amount", ""),
        "by_shop": data.get("by_shop", False),
        "choice": data.get("choice", ""),
        "replacement": data.get("replacement", ""),
        "phone": data.get("phone", ""),
        "new_order_id": data.get("order", ""),
        "file": data.get("file", ""),
        "problem": event.file_problem,
        "clause": wording.title(policy.Clause(clause)) if clause else "",
        "clause_url": f"{settings.BASE_URL}/policy/#{clause}" if clause else "",
        "until": wording.in_words(datetime.fromisoformat(until)) if until else "",
    }


def _answer_until(claim: Claim) -> str:
    """Return the deadline for the customer's answer, or ''."""
    waits = claim.status == Claim.Status.WAITING_CUSTOMER
    return wording.in_words(answer_until(claim)) if waits else ""


def _choose_until(claim: Claim) -> str:
    """Return the deadline for choosing a replacement, or ''."""
    offer = open_offer(claim)
    return wording.in_words(offer.answer_by) if offer else ""


def _back_until(claim: Claim) -> str:
    """Return the deadline for an appeal or an objection, or ''."""
    until = appeal_until(claim) or object_until(claim)
    return wording.in_words(until) if until else ""
