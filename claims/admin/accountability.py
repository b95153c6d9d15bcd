"""Who did what, to be read and never changed: a person's day, and a claim's whole story."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.models import CreditTransfer, User
from claims import policy
from claims.admin.page import OUTCOMES
from claims.admin.story import TONES, order_story
from claims.models import Claim, Event, Order

DAY_PAGE = 200
MOST_TOLD = 2000
STORY_NEEDS = ("claims.view_event", "claims.view_claim", "claims.view_note")
# Their note stands nowhere else; other notes are a message, a decision or a note of their own.
OWN_NOTE = (Event.Kind.CORRECTED, Event.Kind.REOPENED)
TOLD = ("file", "problem", "role", "amount", "currency", "outcome", "clause", "kinds", "note")


def may_read_day(reader: User, *, of: User) -> bool:
    """One's own, and of customers; of colleagues, who may read anybody's."""
    return reader.pk == of.pk or not of.is_staff or reader.has_perm("claims.read_days")


def change_of(event: Event) -> str:
    """What was and what is, such as `status: submitted → rejected`."""
    names = sorted({*event.before, *event.after})
    pairs = ((name, event.before.get(name), event.after.get(name)) for name in names)
    return "; ".join(
        f"{name.replace('_', ' ')}: {_said(was)} → {_said(now)}"
        for name, was, now in pairs
        if was != now
    )


def details_of(event: Event, *, with_note: bool = True) -> str:
    """What else the line says, in few words."""
    told = [name for name in TOLD if event.data.get(name)]
    if event.kind == Event.Kind.NOTED or not (with_note or event.kind in OWN_NOTE):
        told = [name for name in told if name != "note"]
    return ", ".join(_said(event.data[name]) for name in told)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None or value == "" else str(value)


class DayForm(forms.Form):
    """Whose day, and which one."""

    day = forms.DateField(widget=forms.DateInput(attrs={"type": "date"}))
    field_order = ("person", "day")

    def __init__(self, reader: User, data: Any) -> None:
        super().__init__(data, initial={"person": reader.pk, "day": timezone.localdate()})
        people = User.objects.filter(is_staff=True).order_by("email")
        if not reader.has_perm("claims.read_days"):
            people = people.filter(pk=reader.pk)
        self.fields["person"] = forms.ModelChoiceField(people, empty_label=None)
        self.order_fields(self.field_order)


@dataclass(frozen=True)
class Group:
    """What somebody did to one claim, or to an order without one, in a row."""

    order: Order
    claim: Claim | None
    lines: list[tuple[Event, str, str]]


class Day:
    """A page of what one person did on one day, in order."""

    def __init__(self, person: User, day: date, *, after: str) -> None:
        self.person, self.day = person, day
        events = list(_after(events_of_day(person, day), after)[: DAY_PAGE + 1])
        self.events, more = events[:DAY_PAGE], events[DAY_PAGE:]
        self.next = self.events[-1].pk if more else None

    @property
    def groups(self) -> list[Group]:
        return [
            Group(order, claim, [(each, change_of(each), details_of(each)) for each in lines])
            for (order, claim), lines in groupby(self.events, key=lambda e: (e.order, e.claim))
        ]

    @property
    def rest(self) -> str:
        """The address of the next page, when there is one."""
        words = {"person": self.person.pk, "day": self.day.isoformat(), "after": self.next}
        return f"?{urlencode(words)}" if self.next else ""


def events_of_day(person: User, day: date) -> QuerySet[Event]:
    """In the zone of who reads; a day of 23 or 25 hours is one, too."""
    began, ended = (
        timezone.make_aware(datetime.combine(each, time.min))
        for each in (day, day + timedelta(days=1))
    )
    events = Event.objects.filter(actor=person, at__gte=began, at__lt=ended)
    return events.select_related("order", "claim").order_by("at", "pk")


def _after(events: QuerySet[Event], pk: str) -> QuerySet[Event]:
    last = events.filter(pk=int(pk)).first() if pk.isdecimal() and len(pk) < 19 else None
    if last is None:
        return events
    return events.filter(Q(at__gt=last.at) | Q(at=last.at, pk__gt=last.pk))


@never_cache
@require_GET
def show_day(request: HttpRequest) -> HttpResponse:
    """What a person did on a day. Support reads their own, Supervisors and Auditors anybody's."""
    reader = _reader(request, ("claims.view_event",))
    form = DayForm(reader, request.GET if "person" in request.GET or "day" in request.GET else None)
    day = None
    if not form.is_bound:
        day = Day(reader, timezone.localdate(), after="")
    elif form.is_valid():
        chosen = form.cleaned_data
        day = Day(chosen["person"], chosen["day"], after=request.GET.get("after", ""))
    return _page(request, "day", title="A person's day", form=form, day=day)


@dataclass(frozen=True)
class Told:
    """One line of a claim's whole story."""

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
    """All that is written down of a claim, for who may read all of it; to be printed, too."""
    reader = _reader(request, STORY_NEEDS)
    claim = (
        Claim.objects.select_related("order__customer", "order__number", "order__policy_version")
        .filter(pk=pk)
        .first()
    )
    if claim is None:
        raise Http404(f"There is no claim {pk}.")
    if claim.order.customer_id == reader.pk:
        raise PermissionDenied("Nobody reads what colleagues write about a claim of one's own.")
    now = timezone.now()
    lines = sorted(story_of(claim, now=now), key=lambda line: line.at)
    return _page(request, "story", title=f"The story of {claim}", claim=claim, lines=lines, now=now)


def story_of(claim: Claim, *, now: datetime) -> Iterator[Told]:
    """The order's instants, every event, and what was said, decided, paid and kept."""
    for step in order_story(claim.order, now=now):
        if not step.ahead:
            yield Told(step.at, step.what, "the shop", tone=step.tone)
    yield from _events_of(claim)
    yield from _said_of(claim)
    yield from _decided_of(claim)
    yield from _credit_of(claim.order)


def _events_of(claim: Claim) -> Iterator[Told]:
    events = Event.objects.filter(Q(claim=claim) | Q(claim=None), order=claim.order)
    for event in events.select_related("actor")[:MOST_TOLD]:
        yield Told(
            event.at,
            str(event.get_kind_display()),
            str(event.actor or "the system"),
            address=event.address or "",
            text=details_of(event, with_note=False),
            change=change_of(event),
            tone=TONES.get(Event.Kind(event.kind), ""),
            is_internal=event.kind in Event.INTERNAL,
        )


def _said_of(claim: Claim) -> Iterator[Told]:
    for message in claim.messages.select_related("author"):
        whose = "Support wrote" if message.from_staff else "The customer wrote"
        yield Told(message.sent_at, whose, str(message.author), text=message.body)
    for note in claim.notes.select_related("author"):
        author = str(note.author)
        yield Told(note.written_at, "Internal note", author, text=note.body, is_internal=True)


def _decided_of(claim: Claim) -> Iterator[Told]:
    for approval in claim.approvals.select_related("by"):
        what = f"First approval: {approval.get_outcome_display()}"
        text = (
            f"{approval.amount} {approval.currency}. {_answers(approval.answers)} {approval.note}"
        )
        yield Told(approval.made_at, what, str(approval.by), text=text.strip(), is_internal=True)
    for decision in claim.decisions.select_related("by"):
        what = f"Decision {decision.round}: {decision.get_outcome_display()}"
        clause = policy.TITLES[policy.Clause(decision.clause)] if decision.clause else ""
        grounds = ", section ".join(filter(None, (clause, decision.terms_section)))
        parts = (grounds, _answers(decision.answers), decision.note)
        text = "\n".join(filter(None, parts))
        yield Told(decision.decided_at, what, decision.who, text=text)
    for receipt in claim.receipts.all():
        found = receipt.verdict.findings
        text = "\n".join(
            f"{policy.TITLES[each.clause]}: {OUTCOMES[each.outcome]}" for each in found
        )
        what = f"The policy's answer {receipt.get_occasion_display()}"
        yield Told(receipt.made_at, what, "the policy", text=text)


def _answers(answers: dict[str, str]) -> str:
    said = {policy.Outcome.MET.value: "yes", policy.Outcome.FAILED.value: "no"}
    return "; ".join(
        f"{policy.TITLES[policy.Clause(clause)]}: {said.get(answer, answer)}"
        for clause, answer in sorted(answers.items())
    )


def _credit_of(order: Order) -> Iterable[Told]:
    transfers = CreditTransfer.objects.filter(key__startswith=f"order:{order.pk}:")
    for transfer in transfers.select_related("debit__owner", "credit__owner"):
        what = f"Credit moved: {transfer.amount} {transfer.currency}"
        text = f"{transfer.get_kind_display()}, from {transfer.debit} to {transfer.credit}"
        yield Told(transfer.made_at, what, "the ledger", text=f"{text} ({transfer.key})")


def _reader(request: HttpRequest, needed: Iterable[str]) -> User:
    if not isinstance(request.user, User) or not request.user.has_perms(list(needed)):
        raise PermissionDenied
    return request.user


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    whole = {**admin.site.each_context(request), "opts": Event._meta, **context}
    return TemplateResponse(request, f"admin/claims/event/{name}.html", whole)
