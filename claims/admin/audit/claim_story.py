"""The audit log of one claim."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import CreditTransfer
from claims import policy, wording
from claims.admin.audit.audit_pages import reader_of, render_page
from claims.admin.audit.event_words import change_of, details_of
from claims.admin.stories import TONES, order_story
from claims.models import Claim, Decision, Event, Order
from claims.wording.outcomes import words_of, yes_or_no

MOST_TOLD = 2000
STORY_NEEDS = ("claims.view_event", "claims.view_claim", "claims.view_note")


@dataclass(frozen=True)
class AuditLine:
    """One line of a claim's audit log."""

    at: datetime
    what: str
    who: str = ""
    address: str = ""
    text: str = ""
    change: str = ""
    tone: str = ""
    is_internal: bool = False


@never_cache
@require_GET
def show_story(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all records of a claim to a person who may read all of them; the page can be printed."""
    reader = reader_of(request, STORY_NEEDS)
    claim = (
        Claim.objects.select_related("order__customer", "order__number", "order__policy_version")
        .filter(pk=pk)
        .first()
    )
    if claim is None:
        raise Http404(f"There is no claim {pk}.")
    if claim.order.customer_id == reader.pk:
        raise PermissionDenied("You cannot read what colleagues write about a claim of your own.")
    now = timezone.now()
    lines = sorted(story_of(claim, now=now), key=lambda line: line.at)
    title = gettext("Audit log of %(claim)s") % {"claim": claim}
    return render_page(request, "story", title=title, claim=claim, lines=lines, now=now)


def story_of(claim: Claim, *, now: datetime) -> Iterator[AuditLine]:
    """Yield the order's instants, events, messages, notes, decisions, receipts and transfers."""
    for step in order_story(claim.order, now=now):
        if not step.ahead:
            yield AuditLine(step.at, step.what, gettext("the shop"), tone=step.tone)
    yield from _events_of(claim)
    yield from _said_of(claim)
    yield from _decided_of(claim)
    yield from _credit_of(claim.order)


def _events_of(claim: Claim) -> Iterator[AuditLine]:
    events = Event.objects.filter(Q(claim=claim) | Q(claim=None), order=claim.order)
    for event in events.select_related("actor")[:MOST_TOLD]:
        yield AuditLine(
            event.at,
            str(event.get_kind_display()),
            str(event.actor or gettext("the system")),
            address=event.address or "",
            text=details_of(event, with_note=False),
            change=change_of(event),
            tone=TONES.get(Event.Kind(event.kind), ""),
            is_internal=event.kind in Event.INTERNAL,
        )


def _said_of(claim: Claim) -> Iterator[AuditLine]:
    for message in claim.messages.select_related("author"):
        what = gettext("Support wrote") if message.from_staff else gettext("The customer wrote")
        yield AuditLine(message.sent_at, what, str(message.author), text=message.body)
    for note in claim.notes.select_related("author"):
        what, author = gettext("Internal note"), str(note.author)
        yield AuditLine(note.written_at, what, author, text=note.body, is_internal=True)


def _decided_of(claim: Claim) -> Iterator[AuditLine]:
    for approval in claim.approvals.select_related("by"):
        what = gettext("First approval: %(outcome)s") % {"outcome": approval.get_outcome_display()}
        text = (
            f"{approval.amount} {approval.currency}. {_answers(approval.answers)} {approval.note}"
        )
        yield AuditLine(
            approval.made_at, what, str(approval.by), text=text.strip(), is_internal=True
        )
    for decision in claim.decisions.select_related("by"):
        what = gettext("Decision %(round)s: %(outcome)s") % {
            "round": decision.round,
            "outcome": decision.get_outcome_display(),
        }
        parts = (_grounds(decision), _answers(decision.answers), decision.note)
        text = "\n".join(filter(None, parts))
        yield AuditLine(decision.decided_at, what, decision.who, text=text)
    for receipt in claim.receipts.all():
        found = receipt.verdict.findings
        text = "\n".join(
            f"{wording.title(each.clause)}: {words_of(each.outcome).for_staff}" for each in found
        )
        occasion = {"occasion": receipt.get_occasion_display()}
        what = gettext("The policy's answer %(occasion)s") % occasion
        yield AuditLine(receipt.made_at, what, gettext("the policy"), text=text)


def _grounds(decision: Decision) -> str:
    if not decision.clause:
        return decision.terms_section
    clause = wording.title(policy.Clause(decision.clause))
    if not decision.terms_section:
        return clause
    named = {"clause": clause, "section": decision.terms_section}
    return gettext("%(clause)s, section %(section)s") % named


def _answers(answers: dict[str, str]) -> str:
    return "; ".join(
        f"{wording.title(policy.Clause(clause))}: {yes_or_no(answer) or answer}"
        for clause, answer in sorted(answers.items())
    )


def _credit_of(order: Order) -> Iterable[AuditLine]:
    transfers = CreditTransfer.objects.filter(charge=order.charge_id)
    for transfer in transfers.select_related("debit__owner", "credit__owner"):
        moved = {
            "amount": transfer.amount,
            "currency": transfer.currency,
            "kind": transfer.get_kind_display(),
            "debit": transfer.debit,
            "credit": transfer.credit,
            "key": transfer.key,
        }
        what = gettext("Credit moved: %(amount)s %(currency)s") % moved
        text = gettext("%(kind)s, from %(debit)s to %(credit)s (%(key)s)") % moved
        yield AuditLine(transfer.made_at, what, gettext("the ledger"), text=text)
