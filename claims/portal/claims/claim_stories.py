"""A claim in words: where it stands, what comes next, and what has happened so far."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from claims import policy, wording
from claims.models import Claim, Event, Offer, Replacement, Upload

Kind = Event.Kind
Status = Claim.Status


@dataclass(frozen=True, kw_only=True)
class Standing:
    title: str
    tone: str
    next: str


@dataclass(frozen=True, kw_only=True)
class Moment:
    title: str
    tone: str
    when: datetime
    text: str


BADGES = {
    Status.SUBMITTED: ("Being reviewed", "info"),
    Status.WAITING_CUSTOMER: ("We need you", "warn"),
    Status.REPAIRING: ("Being repaired", "info"),
    Status.OFFERED: ("A replacement for you", "warn"),
    Status.REFUNDED: ("Credit returned", "good"),
    Status.REPLACED: ("Replaced", "good"),
    Status.REPAIRED: ("Repaired", "good"),
    Status.REJECTED: ("Rejected", "bad"),
    Status.WITHDRAWN: ("Withdrawn", ""),
}

NEXT = {
    Status.SUBMITTED: (
        "Our support team has your claim and will decide it. There is nothing for you to do; we "
        "mail you as soon as something happens."
    ),
    Status.WAITING_CUSTOMER: (
        "Your claim waits for you. Send us what is missing, and the review goes on. If nothing "
        "comes in time, the claim ends."
    ),
    Status.REFUNDED: (
        "The price is back in your credit, ready for any number. There is nothing more to do."
    ),
    Status.REPAIRING: (
        "Our support team is working on the problem. If it can't be resolved in time, you get the "
        "price back. There is nothing for you to do; we mail you as soon as something happens."
    ),
    Status.OFFERED: (
        "We offer you another number of the same value. Choose below whether you want it, or the "
        "price back instead. If you choose nothing in time, you get the price back."
    ),
    Status.REPLACED: (
        "You have another number for this one, at no cost. It is among your orders, and has its "
        "own time for a claim."
    ),
    Status.REPAIRED: "The problem is resolved; what our support team writes stands below.",
    Status.REJECTED: "The reason stands below.",
    Status.WITHDRAWN: "You took this claim back, so nothing more happens with it.",
}

CHECKING = (
    "We are checking your files, which usually takes a minute or two. Then our support team takes "
    "over; there is nothing for you to do."
)

REQUESTED = Standing(
    title="Your replacement is on its way",
    tone="info",
    next="You chose the replacement, and the shop was asked for the number. If it has none, you "
    "get the price back. There is nothing for you to do; we mail you as soon as something happens.",
)


def standing_of(claim: Claim, *, checking: bool, requested: bool = False) -> Standing:
    """`checking` says whether a file of it is still being inspected, `requested` whether the shop
    was asked for a replacement.
    """
    if requested:
        return REQUESTED
    status = Status(claim.status)
    title, tone = BADGES[status]
    says = CHECKING if checking and status == Status.SUBMITTED else NEXT[status]
    return Standing(title=title, tone=tone, next=says)


TITLES = {
    Kind.FILED: ("You filed the claim", "info"),
    Kind.EVIDENCE_ADDED: ("You answered", "info"),
    Kind.EVIDENCE_ACCEPTED: ("A file was checked and accepted", ""),
    Kind.EVIDENCE_REFUSED: ("A file can't be used", "warn"),
    Kind.EVIDENCE_REQUESTED: ("Our support team asked for more", "warn"),
    Kind.EVIDENCE_REMOVED: ("The files of this claim were removed, their time being over", ""),
    Kind.REPLIED: ("Our support team wrote to you", "info"),
    Kind.REPAIR_STARTED: ("Our support team started to work on the problem", "info"),
    Kind.NOT_REPAIRABLE: ("The problem can't be resolved, so you get a remedy", "warn"),
    Kind.OFFERED: ("Our support team offered you a replacement", "warn"),
    Kind.OFFER_ANSWERED: ("You chose the replacement", "info"),
    Kind.REPLACED: ("You got another number for this one", "good"),
    Kind.GOODWILL: ("Credit given as goodwill", "good"),
    Kind.REPAIRED: ("The problem is resolved", "good"),
    Kind.OBJECTED: ("You said that it isn't resolved", "info"),
    Kind.APPEALED: ("You appealed the decision", "info"),
    Kind.REOPENED: ("Our support team opened the claim again", "info"),
    Kind.REFUNDED: ("Approved: the price went back to your credit", "good"),
    Kind.REJECTED: ("Our support team rejected the claim", "bad"),
    Kind.WITHDRAWN: ("You withdrew the claim", ""),
    Kind.RETURNED: ("The price went back to your credit by itself", "good"),
    Kind.REMINDED: ("We reminded you", "warn"),
    Kind.LATE_SMS: ("An SMS was reported after the price had gone back", ""),
}
CHOICES = {
    Offer.Choice.REFUND: "You chose the price back",
    Offer.Choice.REPLACEMENT: "You chose the replacement",
    Offer.Choice.LAPSED: "No choice came in time, so you get the price back",
}
UNREPLACED = {
    Replacement.State.REFUSED: "The shop has no such number, so you get the price back",
    Replacement.State.LAPSED: "The shop gave no number in time, so you get the price back",
}


def timeline(events: Iterable[Event]) -> list[Moment]:
    """One moment for each event, in words for the customer. Staff are one team; none is named."""
    return [_moment(event) for event in events]


def _moment(event: Event) -> Moment:
    title, tone = TITLES.get(Kind(event.kind), (event.get_kind_display(), ""))
    if event.kind == Kind.REJECTED and event.actor_id is None:
        title = "The claim ended, as no answer came"
    if choice := event.data.get("choice"):
        title = CHOICES[choice]
    if why := event.data.get("replacement"):
        title = UNREPLACED[why]
    return Moment(title=title, tone=tone, when=event.at, text=_details(event))


def _details(event: Event) -> str:
    data = event.data
    parts = [
        _counted_kinds(data.get("kinds", [])),
        _counted_files(data.get("files", [])),
        data.get("file", ""),
        f"Order {data['order']}" if data.get("order") else "",
        event.file_problem,
        wording.title(policy.Clause(data["clause"])) if data.get("clause") else "",
        data.get("note", ""),
    ]
    return "\n".join(part for part in parts if part)


def _counted_files(files: list[object]) -> str:
    if not files:
        return ""
    return "1 file" if len(files) == 1 else f"{len(files)} files"


def _counted_kinds(kinds: list[str]) -> str:
    if not kinds:
        return ""
    return "With: " + ", ".join(Upload.Kind(kind).label for kind in kinds)
