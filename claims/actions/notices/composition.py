"""The text of a notice to a customer."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string, select_template

from claims import policy
from claims.models import Claim, Event, Notice
from claims.queries.customer.time_limits import answer_until, appeal_until, object_until, open_offer
from claims.wording.letters import letter_names, spelled, words_in


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
        subject=words_in(language).subjects[event.kind].format(code=claim.code),
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
