"""The stories that the desk tells: of an order in the shop, and of a claim among staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

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
    "two_factor": _("2FA, says staff"),
    "channel": _("Bought through"),
    "service": _("Service"),
    "failed": _("Clauses that fail"),
    "assignee": _("Assignee"),
    "status": _("Status"),
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
    """Return what the shop reported of an order and what follows from it, oldest first."""
    told = [
        (order.purchased_at, *_beginning(order)),
        (order.sms_received_at, gettext("SMS received"), "good", ""),
        (order.completed_at, gettext("Activation completed"), "good", ""),
        (order.allotted_until, gettext("Allotted time over"), "", ""),
        (order.claims_close_at, gettext("Claims close"), "", ""),
        (order.returned_at, gettext("Price returned"), "good", _returned(order)),
        (order.replaced_at, gettext("Replaced"), "good", _successor(order)),
        (order.late_sms_at, gettext("SMS reported after the price went back"), "warn", ""),
    ]
    steps = [OrderMoment(at, what, tone, at > now, more) for at, what, tone, more in told if at]
    return sorted(steps, key=lambda step: step.at)


def _beginning(order: Order) -> tuple[str, str, str]:
    if order.replaces:
        title = gettext("Given for order %(order)s") % {"order": order.replaces}
        worth = gettext("At no cost, worth %(value)s %(currency)s; list price %(list_price)s")
        return title, "", worth % _prices(order)
    price = gettext("%(price)s %(currency)s from credit, bought through: %(channel)s")
    return gettext("Bought"), "", price % _prices(order)


def _prices(order: Order) -> dict[str, object]:
    return {
        "value": order.value,
        "price": order.price,
        "list_price": order.list_price,
        "currency": order.currency,
        "channel": order.get_channel_display(),
    }


def _successor(order: Order) -> str:
    if order.replaced_at is None:
        return ""
    return gettext("by order %(order)s") % {"order": order.replacement_order}


def _returned(order: Order) -> str:
    transfer = order.return_transfer
    if transfer is None:
        return ""
    returned = {"amount": transfer.amount, "currency": transfer.currency}
    return gettext("%(amount)s %(currency)s to the customer's credit") % returned


@dataclass(frozen=True)
class StoryLine:
    """One event, with what it changed."""

    event: Event

    @property
    def tone(self) -> str:
        return TONES.get(Event.Kind(self.event.kind), "")

    @property
    def has_details(self) -> bool:
        """Return whether the page shows the event's data; internal notes have their own panel."""
        return self.event.kind != Event.Kind.NOTED

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Return the label, the old and the new value of each field that changed."""
        before, after = self.event.before, self.event.after
        return [
            (
                str(LABELS.get(name, name)),
                _said(name, before.get(name)),
                _said(name, value),
            )
            for name, value in after.items()
            if before.get(name) != value
        ]


def claim_story(events: Iterable[Event]) -> list[StoryLine]:
    return [StoryLine(event) for event in events]


def _said(name: str, value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(wording.title(policy.Clause(each)) for each in value) or gettext("none")
    if value is None:
        return gettext("unassigned") if name == "assignee" else "—"
    return str(value).replace("_", " ") if name == "status" else str(value)
