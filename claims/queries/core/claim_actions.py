"""The table of the actions on a claim: who may do each, in which statuses, and with what input.

The review page, the bulk form, the customer's pages, the API and the actions read it. Each door
maps an `ActionName` to the function that does it. A deadline or a failed clause can forbid an
action too; the action itself checks those, because they depend on more than the claim's status.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from accounts.models import User
from claims.models import Claim

Kind = Claim.Kind
Status = Claim.Status


class ActionName(StrEnum):
    """An action on a claim, by its place in the address of the review page."""

    APPROVE = "approve"
    REJECT = "reject"
    ASK = "ask"
    OFFER = "offer"
    START_REPAIR = "start-repair"
    MARK_REPAIRED = "repaired"
    GIVE_UP_REPAIR = "unrepairable"
    REPLY = "reply"
    GIVE_GOODWILL = "goodwill"
    REOPEN = "reopen"
    CORRECT = "correct"
    NOTE = "note"
    FLAG = "flag"
    LIFT_FLAG = "lift-flag"
    MARK_WRONGLY_PAID = "wrongly-paid"
    ASSIGN = "assign"
    WITHDRAW = "withdraw"
    ADD_EVIDENCE = "add-evidence"
    APPEAL = "appeal"
    OBJECT = "object"
    CHOOSE = "choose"


class Exclusion(StrEnum):
    """The reasons why one person may not do what others may."""

    OWN_CLAIM = "it is their own claim"
    JUDGED_BEFORE = "they decided it before its customer appealed"
    REPLACEMENT_REQUESTED = "the shop has yet to answer a request for a replacement"
    SECOND_REPLACEMENT = "the order is a replacement, and they may not replace it again"
    FIRST_OF_TWO = "they approved it first, and it takes two people"


class ActionInput(StrEnum):
    """The inputs that an action needs."""

    NOTE = "words to the customer"
    REASON = "words to colleagues"
    ANSWERS = "an answer to each question for the reviewer"
    CLAUSE = "a clause that the claim fails"
    AMOUNT = "an amount"
    FACTS = "the facts as they are"
    ASSIGNEE = "an assignee, or nobody"
    FLAG = "a flag of the customer"
    WORDS_OR_FILES = "words or files of the customer"
    CHOICE = "the replacement or the price"


REVIEW: Final = ("claims.review_claim",)
ANY_STATUS: Final = frozenset(Status)
OPEN: Final = frozenset(Claim.OPEN)
UNOFFERED: Final = OPEN - {Status.OFFERED}
UNSETTLED: Final = UNOFFERED - {Status.REPAIRING}
IN_REPAIR: Final = frozenset({Status.REPAIRING})
ANY_KIND: Final = frozenset(Kind)
DEFECTS: Final = frozenset({Kind.MAJOR_DEFECT})

OWN: Final = (Exclusion.OWN_CLAIM,)
DECIDERS: Final = (Exclusion.OWN_CLAIM, Exclusion.JUDGED_BEFORE)


@dataclass(frozen=True, kw_only=True)
class ClaimAction:
    """One row of the table."""

    name: ActionName
    called: str
    """Its name in a refusal: "… is no next step for a claim that is rejected."."""
    statuses: frozenset[Status]
    kinds: frozenset[Kind] = ANY_KIND
    permissions: tuple[str, ...]
    """The permissions that staff need; empty for an action of the claim's customer."""
    may_not: tuple[Exclusion, ...] = ()
    asks_for: tuple[ActionInput, ...] = ()

    @property
    def is_for_staff(self) -> bool:
        return bool(self.permissions)

    def fits(self, claim: Claim) -> bool:
        """Return True if the action is a next step for this claim, whoever takes it."""
        return claim.status in self.statuses and claim.kind in self.kinds

    def is_permitted(self, by: User) -> bool:
        return by.has_perms(self.permissions)


CLAIM_ACTIONS: Final = (
    ClaimAction(
        name=ActionName.APPROVE,
        called="An approval",
        statuses=OPEN,
        permissions=REVIEW,
        may_not=(*DECIDERS, Exclusion.REPLACEMENT_REQUESTED, Exclusion.FIRST_OF_TWO),
        asks_for=(ActionInput.ANSWERS,),
    ),
    ClaimAction(
        name=ActionName.REJECT,
        called="A rejection",
        statuses=UNOFFERED,
        permissions=REVIEW,
        may_not=DECIDERS,
        asks_for=(ActionInput.CLAUSE, ActionInput.NOTE),
    ),
    ClaimAction(
        name=ActionName.ASK,
        called="A question to the customer",
        statuses=UNOFFERED,
        permissions=REVIEW,
        may_not=OWN,
        asks_for=(ActionInput.NOTE,),
    ),
    ClaimAction(
        name=ActionName.MARK_REPAIRED,
        called="Repaired",
        statuses=IN_REPAIR,
        kinds=DEFECTS,
        permissions=REVIEW,
        may_not=DECIDERS,
        asks_for=(ActionInput.NOTE,),
    ),
    ClaimAction(
        name=ActionName.GIVE_UP_REPAIR,
        called="Giving up the repair",
        statuses=IN_REPAIR,
        kinds=DEFECTS,
        permissions=REVIEW,
        may_not=DECIDERS,
    ),
    ClaimAction(
        name=ActionName.OFFER,
        called="An offer",
        statuses=UNSETTLED,
        kinds=DEFECTS,
        permissions=REVIEW,
        may_not=(*DECIDERS, Exclusion.SECOND_REPLACEMENT, Exclusion.FIRST_OF_TWO),
        asks_for=(ActionInput.ANSWERS, ActionInput.NOTE),
    ),
    ClaimAction(
        name=ActionName.START_REPAIR,
        called="A repair",
        statuses=UNSETTLED,
        kinds=DEFECTS,
        permissions=REVIEW,
        may_not=DECIDERS,
    ),
    ClaimAction(
        name=ActionName.REPLY,
        called="A reply",
        statuses=OPEN,
        permissions=REVIEW,
        may_not=OWN,
        asks_for=(ActionInput.NOTE,),
    ),
    # Not FIRST_OF_TWO: the first of two people may give goodwill of another amount, so only the
    # action, which knows the amount, can refuse them.
    ClaimAction(
        name=ActionName.GIVE_GOODWILL,
        called="Goodwill",
        statuses=OPEN,
        permissions=(*REVIEW, "claims.give_goodwill"),
        may_not=(*DECIDERS, Exclusion.REPLACEMENT_REQUESTED),
        asks_for=(ActionInput.AMOUNT, ActionInput.NOTE),
    ),
    ClaimAction(
        name=ActionName.REOPEN,
        called="Reopening",
        statuses=frozenset({Status.REJECTED}),
        permissions=("claims.reopen_claim",),
        may_not=OWN,
        asks_for=(ActionInput.NOTE,),
    ),
    ClaimAction(
        name=ActionName.CORRECT,
        called="A correction",
        statuses=OPEN,
        permissions=REVIEW,
        may_not=OWN,
        asks_for=(ActionInput.FACTS, ActionInput.REASON),
    ),
    ClaimAction(
        name=ActionName.NOTE,
        called="A note",
        statuses=ANY_STATUS,
        permissions=REVIEW,
        may_not=OWN,
        asks_for=(ActionInput.REASON,),
    ),
    ClaimAction(
        name=ActionName.FLAG,
        called="A flag",
        statuses=ANY_STATUS,
        permissions=REVIEW,
        may_not=OWN,
        asks_for=(ActionInput.REASON,),
    ),
    ClaimAction(
        name=ActionName.LIFT_FLAG,
        called="Lifting a flag",
        statuses=ANY_STATUS,
        permissions=(*REVIEW, "claims.lift_flag"),
        may_not=OWN,
        asks_for=(ActionInput.FLAG,),
    ),
    ClaimAction(
        name=ActionName.MARK_WRONGLY_PAID,
        called="Marking a refund as wrongly paid",
        statuses=frozenset({Status.REFUNDED}),
        permissions=(*REVIEW, "claims.mark_wrongly_paid"),
        may_not=OWN,
        asks_for=(ActionInput.REASON,),
    ),
    # Staff may assign their own claim to another person.
    ClaimAction(
        name=ActionName.ASSIGN,
        called="An assignment",
        statuses=OPEN,
        permissions=REVIEW,
        asks_for=(ActionInput.ASSIGNEE,),
    ),
    ClaimAction(name=ActionName.WITHDRAW, called="A withdrawal", statuses=OPEN, permissions=()),
    ClaimAction(
        name=ActionName.ADD_EVIDENCE,
        called="An answer",
        statuses=OPEN,
        permissions=(),
        asks_for=(ActionInput.WORDS_OR_FILES,),
    ),
    ClaimAction(
        name=ActionName.APPEAL,
        called="An appeal",
        statuses=frozenset({Status.REJECTED}),
        permissions=(),
        asks_for=(ActionInput.WORDS_OR_FILES,),
    ),
    ClaimAction(
        name=ActionName.OBJECT,
        called="An objection",
        statuses=frozenset({Status.REPAIRED}),
        permissions=(),
        asks_for=(ActionInput.WORDS_OR_FILES,),
    ),
    ClaimAction(
        name=ActionName.CHOOSE,
        called="A choice",
        statuses=frozenset({Status.OFFERED}),
        permissions=(),
        asks_for=(ActionInput.CHOICE,),
    ),
)
STAFF_ACTIONS: Final = tuple(action for action in CLAIM_ACTIONS if action.is_for_staff)
BY_NAME: Final = {action.name: action for action in CLAIM_ACTIONS}


def action_of(name: ActionName) -> ClaimAction:
    return BY_NAME[name]
