"""The stories that the desk tells: of an order in the shop, and of a claim among staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from claims import policy, wording
from claims.models import Event, Order

TONES: Final = {
    Event.Kind.FILED: "info",
    Event.Kind.EVIDENCE_ACCEPTED: "good",
    Event.Kind.EVIDENCE_REFUSED: "bad",
    Event.Kind.EVIDENCE_REQUESTED: "warn",
    Event.Kind.OFFERED: "warn",
    Event.Kind.OFFER_ANSWERED: "info",
    Event.Kind.NOT_REPAIRABLE: "warn",
    Event.Kind.REPLACED: "good",
    Event.Kind.REPAIRED: "good",
    Event.Kind.GOODWILL: "good",
    Event.Kind.REFUNDED: "good",
    Event.Kind.RETURNED: "good",
    Event.Kind.REJECTED: "bad",
    Event.Kind.LATE_SMS: "warn",
}
LABELS: Final = {
    "two_factor": "2FA, says staff",
    "channel": "Bought through",
    "service": "Service",
    "failed": "Clauses that fail",
    "assignee": "Assigned to",
    "status": "Status",
}


@dataclass(frozen=True)
class OrderMoment:
    """One instant of an order's story."""

    at: datetime
    what: str
    tone: str = ""
    ahead: bool = False
    detail: str = ""


def order_story(order: Order, *, now: datetime) -> list[OrderMoment]:
    """What the shop has told of an order and what follows from it, in the order of time."""
    told = [
        (order.purchased_at, *_beginning(order)),
        (order.sms_received_at, "SMS received", "good", ""),
        (order.completed_at, "Activation completed", "good", ""),
        (order.allotted_until, "Allotted time over", "", ""),
        (order.claims_close_at, "Claims close", "", ""),
        (order.returned_at, "Price returned", "good", _returned(order)),
        (order.replaced_at, "Replaced", "good", _successor(order)),
        (order.late_sms_at, "SMS reported after the price went back", "warn", ""),
    ]
    steps = [OrderMoment(at, what, tone, at > now, more) for at, what, tone, more in told if at]
    return sorted(steps, key=lambda step: step.at)


def _beginning(order: Order) -> tuple[str, str, str]:
    if order.replaces:
        worth = f"at no cost, worth {order.value} {order.currency}"
        return f"Given for order {order.replaces}", "", f"{worth}; list price {order.list_price}"
    price = f"{order.price} {order.currency} from credit, through the {order.get_channel_display()}"
    return "Bought", "", price


def _successor(order: Order) -> str:
    return f"by order {order.replacement_order}" if order.replaced_at else ""


def _returned(order: Order) -> str:
    transfer = order.return_transfer
    return f"{transfer.amount} {transfer.currency} to the customer's credit" if transfer else ""


@dataclass(frozen=True)
class StoryLine:
    """One event, with what it changed."""

    event: Event

    @property
    def tone(self) -> str:
        return TONES.get(Event.Kind(self.event.kind), "")

    @property
    def has_details(self) -> bool:
        """Whether its data is told in words; an internal note has a panel of its own."""
        return self.event.kind != Event.Kind.NOTED

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """What, before and after, of all that is different."""
        before, after = self.event.before, self.event.after
        return [
            (LABELS.get(name, name), _said(name, before.get(name)), _said(name, after.get(name)))
            for name in after
            if before.get(name) != after[name]
        ]


def claim_story(events: Iterable[Event]) -> list[StoryLine]:
    return [StoryLine(event) for event in events]


def _said(name: str, value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(wording.title(policy.Clause(each)) for each in value) or "none"
    if value is None:
        return "nobody" if name == "assignee" else "—"
    return str(value).replace("_", " ") if name == "status" else str(value)
