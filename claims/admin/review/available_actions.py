"""The actions that a viewer may take on a claim now, each with the reason if it is barred.

The table `claim_actions` has the actions for each status; this module has the buttons' words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import policy
from claims.actions.review.approvals import (
    JUDGED,
    SERVICE_UNKNOWN,
    UNMAPPED,
    is_of_unknown_service,
    is_unmapped,
)
from claims.models import Approval, Claim, Event
from claims.queries.core.claim_actions import (
    STAFF_ACTIONS,
    ActionInput,
    ActionName,
    ClaimAction,
    Exclusion,
    action_of,
)

LazyText = str | Promise

FIELDS: Final[Mapping[ActionInput, tuple[str, ...]]] = {
    ActionInput.CLAUSE: ("clause", "terms_section"),
    ActionInput.AMOUNT: ("amount",),
}


@dataclass(frozen=True, kw_only=True)
class AvailableAction:
    """One action on a claim: its row of the table, its words, and the reason if it is barred."""

    action: ClaimAction
    title: LazyText
    confirm: LazyText
    """The text of the button that does it."""
    help: LazyText = ""
    key: str = ""
    tone: str = ""
    barred: LazyText = ""
    """The reason why it can't be done now, or ''."""

    @property
    def name(self) -> str:
        return self.action.name.value

    @property
    def address(self) -> str:
        """The name of the action's URL."""
        return f"admin:claims_claim_{self.name}"

    @property
    def fields(self) -> list[str]:
        """The fields of the form that only this action needs."""
        return [field for asked in self.action.asks_for for field in FIELDS.get(asked, ())]

    @property
    def needs_note(self) -> bool:
        return ActionInput.NOTE in self.action.asks_for


# The buttons in the order of the page. Actions with a form of their own, such as a note, have none.
BUTTONS: Final = {
    button.action.name: button
    for button in (
        AvailableAction(
            action=action_of(ActionName.APPROVE),
            title=_("Approve"),
            confirm=_("Approve"),
            key="a",
            tone="good",
        ),
        AvailableAction(
            action=action_of(ActionName.REJECT),
            title=_("Reject"),
            confirm=_("Reject the claim"),
            key="r",
            tone="bad",
        ),
        AvailableAction(
            action=action_of(ActionName.ASK),
            title=_("Ask for evidence"),
            confirm=_("Ask the customer"),
            help=_("The claim waits for the customer, who gets a mail with the note."),
            key="e",
        ),
        AvailableAction(
            action=action_of(ActionName.MARK_REPAIRED),
            title=_("Mark as repaired"),
            confirm=_("Mark as repaired"),
            help=_("This ends the claim without a return."),
            key="d",
        ),
        AvailableAction(
            action=action_of(ActionName.GIVE_UP_REPAIR),
            title=_("Can't be repaired"),
            confirm=_("It can't be repaired"),
            help=_("A remedy is due at once, and the claim stays with you."),
            key="x",
        ),
        AvailableAction(
            action=action_of(ActionName.OFFER),
            title=_("Offer a replacement"),
            confirm=_("Offer a replacement"),
            help=_(
                "Another number of the same value, or the price: the customer chooses. Without an"
                " answer in time the price goes back."
            ),
            key="o",
        ),
        AvailableAction(
            action=action_of(ActionName.START_REPAIR),
            title=_("Start the repair"),
            confirm=_("Start the repair"),
            help=_("The customer is told. The time to resolve it runs on."),
            key="s",
        ),
        AvailableAction(
            action=action_of(ActionName.REPLY),
            title=_("Reply, decide later"),
            confirm=_("Send the note as a reply"),
            help=_("The claim stays where it is, and yours."),
            key="m",
        ),
        AvailableAction(
            action=action_of(ActionName.GIVE_GOODWILL),
            title=_("Goodwill"),
            confirm=_("Credit as goodwill"),
            help=_("Outside the policy: up to the price, and the order counts as returned."),
            key="g",
        ),
    )
}
REOPEN: Final = AvailableAction(
    action=action_of(ActionName.REOPEN),
    title=_("Reopen the claim"),
    confirm=_("Reopen, once"),
    help=_("For one more decision. The customer is told."),
)

BARRED: Final[Mapping[Exclusion, LazyText]] = {
    Exclusion.OWN_CLAIM: _("This claim is your own. Someone else decides it."),
    Exclusion.JUDGED_BEFORE: JUDGED,
    Exclusion.REPLACEMENT_REQUESTED: _(
        "The customer has chosen the replacement, and the shop was asked for it."
    ),
    Exclusion.SECOND_REPLACEMENT: _(
        "It was a replacement itself: only a Supervisor offers another one."
    ),
    Exclusion.FIRST_OF_TWO: _("You approved it first. Somebody else has to approve it, too."),
}


@dataclass(frozen=True, kw_only=True)
class ReviewCase:
    """The claim, the viewer and the facts that decide which actions are available."""

    claim: Claim
    verdict: policy.Verdict
    viewer: User
    takes_two: bool
    """True if the price is above the limit that one person may approve."""
    excluded: Collection[Exclusion]
    """The exclusions that hold for the viewer."""

    @property
    def first(self) -> Approval | None:
        return self.claim.approval


def names_for(claim: Claim, viewer: User) -> list[ActionName]:
    """Return the actions that the table allows for this claim and viewer, in its order."""
    fitting = [action for action in STAFF_ACTIONS if action.fits(claim)]
    return [action.name for action in fitting if action.is_permitted(viewer)]


def actions_for(case: ReviewCase) -> list[AvailableAction]:
    """Return the buttons that the claim's status and the viewer's permissions allow, in order."""
    names = names_for(case.claim, case.viewer)
    return [_for_case(button, case) for name, button in BUTTONS.items() if name in names]


def may_reopen(claim: Claim, viewer: User) -> bool:
    """Return whether to offer a reopening. The action itself may still refuse it."""
    if REOPEN.action.name not in names_for(claim, viewer):
        return False
    return not claim.events.filter(kind=Event.Kind.REOPENED).exists()


def _for_case(button: AvailableAction, case: ReviewCase) -> AvailableAction:
    """Return the button with this claim's words and the reason if it is barred."""
    worded = _worded(button, case)
    excluded = [each for each in button.action.may_not if each in case.excluded]
    return replace(worded, barred=BARRED[excluded[0]] if excluded else _unready(button, case))


def _worded(button: AvailableAction, case: ReviewCase) -> AvailableAction:
    if button.action.name == ActionName.APPROVE:
        return _approval(button, case)
    if button.action.name == ActionName.ASK and case.claim.status == Claim.Status.REPAIRING:
        return replace(
            button, help=_("The customer gets a mail with the note. The repair goes on.")
        )
    return button


def _approval(button: AvailableAction, case: ReviewCase) -> AvailableAction:
    order = case.claim.order
    amount = f"{order.refundable} {order.currency}"
    first = case.takes_two and (case.first is None or case.first.outcome != "refund")
    return replace(
        button,
        confirm=(
            gettext("Approve %(amount)s as the first of two")
            if first
            else gettext("Approve, return %(amount)s")
        )
        % {"amount": amount},
        help=gettext("%(amount)s goes back to the credit of %(customer)s.")
        % {"amount": amount, "customer": order.customer},
    )


def _unready(button: AvailableAction, case: ReviewCase) -> LazyText:
    """Return the reason why the claim isn't ready for the action, or ''."""
    name = button.action.name
    if name in (ActionName.APPROVE, ActionName.OFFER) and is_of_unknown_service(case.claim):
        return SERVICE_UNKNOWN
    if name == ActionName.OFFER and is_unmapped(case.claim):
        return UNMAPPED
    if name == ActionName.APPROVE and case.verdict.failed:
        return _("It can't be approved while a clause fails.")
    if name == ActionName.OFFER and case.verdict.failed:
        return _("It can't be offered while a clause fails.")
    if name == ActionName.GIVE_GOODWILL and case.claim.order.is_remedied:
        return _("The price has gone back already.")
    return ""
