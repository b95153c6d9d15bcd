"""A claim in words for its customer: its standing, the next step, and its story."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from claims import policy, wording
from claims.models import Claim, Event, Offer, Replacement, Upload

Kind = Event.Kind
Status = Claim.Status


@dataclass(frozen=True, kw_only=True)
class Standing:
    title: str | Promise
    tone: str
    next: str | Promise


@dataclass(frozen=True, kw_only=True)
class Moment:
    title: str
    tone: str
    when: datetime
    text: str


BADGES = {
    Status.SUBMITTED: (_("Being reviewed"), "info"),
    Status.WAITING_CUSTOMER: (_("Waiting for you"), "warn"),
    Status.REPAIRING: (_("Being repaired"), "info"),
    Status.OFFERED: (_("A replacement for you"), "warn"),
    Status.REFUNDED: (_("Credit returned"), "good"),
    Status.REPLACED: (_("Replaced"), "good"),
    Status.REPAIRED: (_("Repaired"), "good"),
    Status.REJECTED: (_("Rejected"), "bad"),
    Status.WITHDRAWN: (_("Withdrawn"), ""),
}

NEXT = {
    Status.SUBMITTED: _(
        "Our support team has your claim and will decide it. There is nothing for you to do; we "
        "email you as soon as something happens."
    ),
    Status.WAITING_CUSTOMER: _(
        "Your claim waits for you. Send us what is missing, and the review goes on. If nothing "
        "comes in time, the claim ends."
    ),
    Status.REFUNDED: _(
        "The price is back in your credit, ready for any number. There is nothing more to do."
    ),
    Status.REPAIRING: _(
        "Our support team is working on the problem. If it can't be resolved in time, you get the "
        "price back. There is nothing for you to do; we email you as soon as something"
        " happens."
    ),
    Status.OFFERED: _(
        "We offer you another number of the same value. Choose below whether you want it, or the "
        "price back instead. If you choose nothing in time, you get the price back."
    ),
    Status.REPLACED: _(
        "You have another number for this one, at no cost. It is among your orders, and has its "
        "own time for a claim."
    ),
    Status.REPAIRED: _("The problem is resolved; what our support team writes stands below."),
    Status.REJECTED: _("The reason stands below."),
    Status.WITHDRAWN: _("You took this claim back, so nothing more happens with it."),
}

CHECKING = _(
    "We are checking your files, which usually takes a minute or two. Then our support team takes "
    "over; there is nothing for you to do."
)

REQUESTED = Standing(
    title=_("Your replacement is on its way"),
    tone="info",
    next=_(
        "You chose the replacement, and we asked the shop for the number. If it has none, you get"
        " the price back. There is nothing for you to do; we email you as soon as something"
        " happens."
    ),
)


ASKED_MEANWHILE = Standing(
    title="Being repaired, and we need you",
    tone="warn",
    next="Our support team is working on the problem and needs something from you for it. Send it "
    "when you can: the repair goes on meanwhile. If it can't be resolved in time, you get the "
    "price back.",
)


def standing_of(claim: Claim, *, checking: bool, requested: bool = False) -> Standing:
    """Return the claim's standing. `checking` means that the inspection of a file isn't finished,
    `requested` that we asked the shop for a replacement.
    """
    if requested:
        return REQUESTED
    status = Status(claim.status)
    if status == Status.REPAIRING and claim.wants_answer:
        return ASKED_MEANWHILE
    title, tone = BADGES[status]
    says = CHECKING if checking and status == Status.SUBMITTED else NEXT[status]
    return Standing(title=title, tone=tone, next=says)


TITLES = {
    Kind.FILED: (_("You filed the claim"), "info"),
    Kind.EVIDENCE_ADDED: (_("You answered"), "info"),
    Kind.EVIDENCE_ACCEPTED: (_("A file was checked and accepted"), ""),
    Kind.EVIDENCE_REFUSED: (_("A file can't be used"), "warn"),
    Kind.EVIDENCE_REQUESTED: (_("Our support team asked for more"), "warn"),
    Kind.EVIDENCE_REMOVED: (_("The files of this claim were removed, their time being over"), ""),
    Kind.REPLIED: (_("Our support team wrote to you"), "info"),
    Kind.REPAIR_STARTED: (_("Our support team started to work on the problem"), "info"),
    Kind.NOT_REPAIRABLE: (_("The problem can't be resolved, so you get a remedy"), "warn"),
    Kind.OFFERED: (_("Our support team offered you a replacement"), "warn"),
    Kind.OFFER_ANSWERED: (_("You chose the replacement"), "info"),
    Kind.REPLACED: (_("You got another number for this one"), "good"),
    Kind.GOODWILL: (_("Credit given as goodwill"), "good"),
    Kind.REPAIRED: (_("The problem is resolved"), "good"),
    Kind.OBJECTED: (_("You said that it isn't resolved"), "info"),
    Kind.APPEALED: (_("You appealed the decision"), "info"),
    Kind.REOPENED: (_("Our support team opened the claim again"), "info"),
    Kind.REFUNDED: (_("Approved: the price went back to your credit"), "good"),
    Kind.REJECTED: (_("Our support team rejected the claim"), "bad"),
    Kind.WITHDRAWN: (_("You withdrew the claim"), ""),
    Kind.RETURNED: (_("The price went back to your credit by itself"), "good"),
    Kind.REMINDED: (_("We reminded you"), "warn"),
    Kind.LATE_SMS: (_("An SMS was reported after the price had gone back"), ""),
}
CHOICES = {
    Offer.Choice.REFUND: _("You chose the price back"),
    Offer.Choice.REPLACEMENT: _("You chose the replacement"),
    Offer.Choice.LAPSED: _("No choice came in time, so you get the price back"),
}
UNREPLACED = {
    Replacement.State.REFUSED: _("The shop has no such number, so you get the price back"),
    Replacement.State.LAPSED: _("The shop gave no number in time, so you get the price back"),
}


def timeline(events: Iterable[Event]) -> list[Moment]:
    """Return a moment for each event, in words for the customer, without names of staff."""
    return [_moment(event) for event in events]


def questions(events: Iterable[Event]) -> list[str]:
    """Return the reviewers' written questions, only those since the last start of a repair."""
    asked: list[str] = []
    for event in events:
        if event.kind == Kind.REPAIR_STARTED:
            asked.clear()
        elif event.kind == Kind.EVIDENCE_REQUESTED:
            asked.append(event.data["note"])
    return asked


def _moment(event: Event) -> Moment:
    title, tone = TITLES.get(Kind(event.kind)) or (event.get_kind_display(), "")
    if event.kind == Kind.REJECTED and event.actor_id is None:
        title = _("The claim ended, as no answer came")
    if choice := event.data.get("choice"):
        title = CHOICES[choice]
    if why := event.data.get("replacement"):
        title = UNREPLACED[why]
    return Moment(title=str(title), tone=tone, when=event.at, text=_details(event))


def _details(event: Event) -> str:
    data = event.data
    parts = [
        _counted_kinds(data.get("kinds", [])),
        _counted_files(data.get("files", [])),
        data.get("file", ""),
        _("Order %(order_id)s") % {"order_id": data["order"]} if data.get("order") else "",
        event.file_problem,
        wording.title(policy.Clause(data["clause"])) if data.get("clause") else "",
        data.get("note", ""),
    ]
    return "\n".join(part for part in parts if part)


def _counted_files(files: list[object]) -> str:
    if not files:
        return ""
    return ngettext("%(count)d file", "%(count)d files", len(files)) % {"count": len(files)}


def _counted_kinds(kinds: list[str]) -> str:
    if not kinds:
        return ""
    names = ", ".join(str(Upload.Kind(kind).label) for kind in kinds)
    return _("With: %(kinds)s") % {"kinds": names}
