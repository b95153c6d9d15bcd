"""What a viewer may do with a claim now, and why not where it can't be done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from accounts.models import User
from claims import policy
from claims.actions.review.approvals import JUDGED
from claims.models import Approval, Claim, Event
from claims.models.statuses import OPEN

Status = Claim.Status
UNSETTLED: Final = frozenset({Status.SUBMITTED, Status.WAITING_CUSTOMER})
UNOFFERED: Final = frozenset(OPEN) - {Status.OFFERED}


@dataclass(frozen=True, kw_only=True)
class AvailableAction:
    """One way to act on the claim: its place in the address, its words, and what it asks for."""

    name: str
    title: str
    confirm: str
    """What the button says that does it."""
    help: str = ""
    key: str = ""
    tone: str = ""
    fields: tuple[str, ...] = ()
    needs_note: bool = False
    barred: str = ""
    """Why it can't be done now, if it can't."""

    @property
    def address(self) -> str:
        """The name of its URL."""
        return f"admin:claims_claim_{self.name}"


REJECT: Final = AvailableAction(
    name="reject",
    title="Reject",
    confirm="Reject the claim",
    key="r",
    tone="bad",
    fields=("clause", "terms_section"),
    needs_note=True,
)

ASK: Final = AvailableAction(
    name="ask",
    title="Ask for evidence",
    confirm="Ask the customer",
    help="The claim waits for the customer, who gets a mail with the note.",
    key="e",
    needs_note=True,
)

REPLY: Final = AvailableAction(
    name="reply",
    title="Reply, decide later",
    confirm="Send the note as a reply",
    help="The claim stays where it is, and yours.",
    key="m",
    needs_note=True,
)

OFFER: Final = AvailableAction(
    name="offer",
    title="Offer a replacement",
    confirm="Offer a replacement",
    help="Another number of the same value, or the price: the customer chooses. Without an answer"
    " in time the price goes back.",
    key="o",
    needs_note=True,
)

START_REPAIR: Final = AvailableAction(
    name="start-repair",
    title="Start the repair",
    confirm="Start the repair",
    help="The customer is told. The time to resolve it runs on.",
    key="s",
)

REPAIRED: Final = AvailableAction(
    name="repaired",
    title="Mark as repaired",
    confirm="Mark as repaired",
    help="This ends the claim without a return.",
    key="d",
    needs_note=True,
)

UNREPAIRABLE: Final = AvailableAction(
    name="unrepairable",
    title="Can't be repaired",
    confirm="It can't be repaired",
    help="A remedy is due at once, and the claim stays with you.",
    key="x",
)

GOODWILL: Final = AvailableAction(
    name="goodwill",
    title="Goodwill",
    confirm="Credit as goodwill",
    help="Outside the policy: up to the price, and the order counts as returned.",
    key="g",
    fields=("amount",),
    needs_note=True,
)

REOPEN: Final = AvailableAction(
    name="reopen",
    title="Reopen the claim",
    confirm="Reopen, once",
    help="For one more decision. The customer is told.",
    needs_note=True,
)

WRITTEN: Final = {ASK.name, REPLY.name}
"""Who may not decide writes to the customer all the same."""

REQUESTED: Final = "The customer has chosen the replacement, and the shop was asked for it."


@dataclass(frozen=True, kw_only=True)
class ReviewCase:
    """What the choice depends on."""

    claim: Claim
    verdict: policy.Verdict
    viewer: User
    takes_two: bool
    """Whether the price is more than one person pays alone."""
    judged_before: bool
    """Whether the viewer decided it before it was appealed."""
    requested: bool = False
    """Whether the shop was asked for a replacement and hasn't answered."""

    @property
    def first(self) -> Approval | None:
        return self.claim.approval

    @property
    def was_first(self) -> bool:
        return self.first is not None and self.first.by_id == self.viewer.pk


def actions_for(case: ReviewCase) -> list[AvailableAction]:
    """Those that the claim's status and the viewer's permissions allow, in the order of use."""
    acts = [_approve(case)]
    if case.claim.status in UNOFFERED:
        acts += [REJECT, _ask(case)]
    acts += [*_for_defects(case), REPLY]
    if case.viewer.has_perm("claims.give_goodwill"):
        acts.append(_goodwill(case))
    if case.requested:
        acts = [act if act.name in WRITTEN else replace(act, barred=REQUESTED) for act in acts]
    if case.judged_before:
        return [act if act.name in WRITTEN else replace(act, barred=JUDGED) for act in acts]
    return acts


def may_reopen(claim: Claim, viewer: User) -> bool:
    """Whether a reopening has a chance; whether it works, the action then says."""
    if claim.status != Status.REJECTED or not viewer.has_perm("claims.reopen_claim"):
        return False
    return not claim.events.filter(kind=Event.Kind.REOPENED).exists()


def _approve(case: ReviewCase) -> AvailableAction:
    order = case.claim.order
    amount = f"{order.refundable} {order.currency}"
    first = case.takes_two and (case.first is None or case.first.outcome != "refund")
    act = AvailableAction(
        name="approve",
        title="Approve",
        confirm=f"Approve {amount} as the first of two" if first else f"Approve, return {amount}",
        help=f"{amount} goes back to the credit of {order.customer}.",
        key="a",
        tone="good",
    )
    if case.verdict.failed:
        return replace(act, barred="It can't be approved while a clause fails.")
    if case.takes_two and case.was_first and not first:
        return replace(act, barred="You approved it first. Somebody else has to approve it, too.")
    return act


def _ask(case: ReviewCase) -> AvailableAction:
    if case.claim.status != Status.REPAIRING:
        return ASK
    return replace(ASK, help="The customer gets a mail with the note. The repair goes on.")


def _for_defects(case: ReviewCase) -> list[AvailableAction]:
    if case.claim.kind != Claim.Kind.MAJOR_DEFECT:
        return []
    if case.claim.status == Status.REPAIRING:
        return [REPAIRED, UNREPAIRABLE]
    if case.claim.status not in UNSETTLED:
        return []
    barred = "It can't be offered while a clause fails." if case.verdict.failed else ""
    if case.claim.order.replaces_id and not case.viewer.has_perm("claims.replace_again"):
        barred = "It was a replacement itself: only a Supervisor offers another one."
    return [replace(OFFER, barred=barred), START_REPAIR]


def _goodwill(case: ReviewCase) -> AvailableAction:
    barred = "The price has gone back already." if case.claim.order.is_remedied else ""
    return replace(GOODWILL, barred=barred)
