"""The story of an order for its customer: the last happening, the deadline, the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims import policy
from claims.models import Claim, Order

Activation = Order.Activation
Status = Claim.Status
ON_ITS_WAY = gettext_lazy("It is on its way to your balance in the shop.")


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
    """One sentence, with `%(when)s` and the names of `params` where their values go."""
    when: datetime | None
    params: Mapping[str, str] = field(default_factory=dict)
    after: str = ""
    """A second sentence, or ''."""


@dataclass(frozen=True, kw_only=True)
class OrderStory:
    order: Order
    claim: Claim | None
    """The newest claim on the order."""
    happening: Happening
    step: NextStep
    deadline: datetime | None
    """The end of the time for a claim; None when the customer has no use for it."""
    activated_since: datetime | None
    """The instant from which the policy counts the order as activated, whatever the shop says."""
    bars: list[policy.Finding]
    """The reasons why no claim can be filed: the findings that every kind of claim would fail."""


def tell(order: Order, *, claim: Claim | None, due: bool, now: datetime) -> OrderStory:
    """Return the story of the order. `due` says that the automatic return is about to run."""
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
    """Return the findings that every claim on this order would fail; none if a kind can succeed.

    An open claim is no reason here, because the page then shows that claim.
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
            badge=_("Top-up"),
            tone="",
            text=_("Added to your credit on %(when)s."),
            when=order.purchased_at,
        )
    if order.returned_at:
        return Happening(
            badge=_("Credit returned"),
            tone="good",
            text=_("Credit returned on %(when)s."),
            when=order.returned_at,
            after=str(ON_ITS_WAY) if order.is_return_pending else "",
        )
    if order.replaced_at:
        return Happening(
            badge=_("Replaced"),
            tone="good",
            text=_("Replaced by another number on %(when)s."),
            when=order.replaced_at,
            after=_("The other number is order %(order_id)s.")
            % {"order_id": order.replacement_order.shop_id},
        )
    return _of_the_claim(claim) or (_overdue(order) if due else None) or _of_the_activation(order)


def _of_the_claim(claim: Claim | None) -> Happening | None:
    if claim is None:
        return None
    told = {
        Status.SUBMITTED: (_("Claim open"), "info", _("Claim %(code)s is open since %(when)s.")),
        Status.WAITING_CUSTOMER: (
            _("Waiting for you"),
            "warn",
            _("Claim %(code)s, open since %(when)s, is waiting for your answer."),
        ),
        Status.OFFERED: (
            _("Replacement"),
            "info",
            _("We offered a replacement for claim %(code)s, open since %(when)s."),
        ),
        Status.REJECTED: (
            _("Claim rejected"),
            "bad",
            _("Claim %(code)s was rejected on %(when)s."),
        ),
    }.get(Status(claim.status))
    if told is None:
        return None
    badge, tone, text = told
    return Happening(
        badge=badge,
        tone=tone,
        text=text,
        when=claim.closed_at or claim.filed_at,
        params={"code": claim.code},
    )


def _overdue(order: Order) -> Happening:
    if order.activation == Activation.CANCELLED:
        text, when = _("The activation was cancelled before an SMS came."), None
    else:
        text = _("No SMS came in the allotted time, which ended on %(when)s.")
        when = order.allotted_until
    return Happening(
        badge=_("No SMS"),
        tone="warn",
        text=text,
        when=when,
        after=_("The price is about to return to your credit by itself."),
    )


def _of_the_activation(order: Order) -> Happening:
    if order.activation == Activation.BANNED:
        return Happening(
            badge=_("Banned"),
            tone="bad",
            text=_("The service has banned this number."),
            when=None,
        )
    if order.completed_at:
        text = _("SMS received and activation completed on %(when)s.")
        if order.sms_received_at is None:
            text = _("Activation completed on %(when)s.")
        return Happening(badge=_("Completed"), tone="good", text=text, when=order.completed_at)
    if order.sms_received_at:
        return Happening(
            badge=_("SMS received"),
            tone="good",
            text=_("SMS received on %(when)s."),
            when=order.sms_received_at,
        )
    return Happening(
        badge=_("Waiting for an SMS"),
        tone="info",
        text=_("Waiting for an SMS until %(when)s."),
        when=order.allotted_until,
        after=_("If none comes, the price returns to your credit by itself."),
    )
