"""What a customer reads about an order: what happened, until when, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from claims import policy
from claims.models import Claim, Order

Activation = Order.Activation
Status = Claim.Status
ON_ITS_WAY = "It is on its way to your balance in the shop."


class NextStep(StrEnum):
    SEE = "see"
    CANCEL = "cancel"
    FILE = "file"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class Happening:
    badge: str
    tone: str
    text: str
    when: datetime | None
    """Follows the text."""
    after: str = ""
    """Follows the instant, as a sentence of its own."""


@dataclass(frozen=True, kw_only=True)
class OrderStory:
    order: Order
    claim: Claim | None
    """The newest one."""
    happening: Happening
    step: NextStep
    deadline: datetime | None
    """Of a claim, where one is still to be filed or could have been."""
    activated_since: datetime | None
    """From when on the policy considers it activated, whatever the shop reported."""
    bars: list[policy.Finding]
    """Why no claim can be filed: what every kind of claim would fail."""


def tell(order: Order, *, claim: Claim | None, due: bool, now: datetime) -> OrderStory:
    """`due` says whether the price goes back by itself now."""
    live = claim is not None and claim.is_open
    bars = [] if live else bars_of(order, now=now)
    deadline = None if live or order.is_remedied or not order.number else order.claims_close_at
    return OrderStory(
        order=order,
        claim=claim,
        happening=_happening(order, claim, due=due),
        step=_next_step(order, claim, due=due, claimable=not bars),
        deadline=deadline,
        activated_since=deadline if deadline and deadline <= now and not due else None,
        bars=bars,
    )


def bars_of(order: Order, *, now: datetime) -> list[policy.Finding]:
    """What any claim on this order would fail, or nothing when one kind can succeed.

    Whether a claim is open is left aside: then the page shows that claim.
    """
    facts = order.facts(kind="", filed_at=now)
    verdicts = policy.prospects(facts, order.policy_version.terms).values()
    if any(verdict.eligible for verdict in verdicts):
        return []
    first, *others = (verdict.failed for verdict in verdicts)
    shared = set.intersection(*({f.clause for f in failed} for failed in others))
    return [finding for finding in first if finding.clause in shared]


def _next_step(order: Order, claim: Claim | None, *, due: bool, claimable: bool) -> NextStep:
    if claim and (claim.is_open or claim.status == Status.REJECTED or order.is_remedied):
        return NextStep.SEE
    if due:
        return NextStep.CANCEL
    if claimable:
        return NextStep.FILE
    return NextStep.SEE if claim else NextStep.NOTHING


def _happening(order: Order, claim: Claim | None, *, due: bool) -> Happening:
    if order.product == Order.Product.TOP_UP:
        return Happening(
            badge="Top-up", tone="", text="Added to your credit on", when=order.purchased_at
        )
    if order.returned_at:
        return Happening(
            badge="Credit returned",
            tone="good",
            text="Credit returned on",
            when=order.returned_at,
            after=ON_ITS_WAY if order.is_return_pending else "",
        )
    if order.replaced_at:
        return Happening(
            badge="Replaced",
            tone="good",
            text="Replaced by another number on",
            when=order.replaced_at,
            after=f"That is order {order.replacement_order.shop_id}.",
        )
    return _of_the_claim(claim) or (_overdue(order) if due else None) or _of_the_activation(order)


def _of_the_claim(claim: Claim | None) -> Happening | None:
    if claim is None:
        return None
    told = {
        Status.SUBMITTED: ("Claim open", "info", f"Claim {claim.code} open since"),
        Status.WAITING_CUSTOMER: (
            "We need you",
            "warn",
            f"Claim {claim.code} is waiting for you. Open since",
        ),
        Status.OFFERED: (
            "Replacement",
            "info",
            f"A replacement for claim {claim.code}, open since",
        ),
        Status.REJECTED: ("Claim rejected", "bad", f"Claim {claim.code} was rejected on"),
    }.get(Status(claim.status))
    if told is None:
        return None
    badge, tone, text = told
    return Happening(badge=badge, tone=tone, text=text, when=claim.closed_at or claim.filed_at)


def _overdue(order: Order) -> Happening:
    if order.activation == Activation.CANCELLED:
        text, when = "The activation was cancelled and no SMS had come.", None
    else:
        text, when = "No SMS came. The allotted time ended on", order.allotted_until
    return Happening(
        badge="No SMS",
        tone="warn",
        text=text,
        when=when,
        after="The price is about to return to your credit by itself.",
    )


def _of_the_activation(order: Order) -> Happening:
    if order.activation == Activation.BANNED:
        return Happening(
            badge="Banned", tone="bad", text="The service has banned this number.", when=None
        )
    if order.completed_at:
        text = "SMS received and activation completed on"
        if order.sms_received_at is None:
            text = "Activation completed on"
        return Happening(badge="Completed", tone="good", text=text, when=order.completed_at)
    if order.sms_received_at:
        return Happening(
            badge="SMS received", tone="good", text="SMS received on", when=order.sms_received_at
        )
    return Happening(
        badge="Waiting for an SMS",
        tone="info",
        text="Waiting for an SMS until",
        when=order.allotted_until,
        after="If none comes, the price returns to your credit by itself.",
    )
