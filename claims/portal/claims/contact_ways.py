"""The ways in which a customer's words and files reach a claim that is there already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from claims.actions.customer import appeals, evidence, objections
from claims.models import Claim
from claims.queries.customer import time_limits


@dataclass(frozen=True, kw_only=True)
class Way:
    """One such way: its address, its words, whether it is open, and the action behind it."""

    address: str
    title: str
    intro: str
    label: str
    """Of the message."""
    button: str
    thanks: str
    closed: str
    """What is said when it isn't open."""
    is_open: Callable[[Claim, datetime], bool]
    send: Callable[..., Claim]


ANSWER: Final = Way(
    address="portal:add_evidence",
    title="Add to your claim",
    intro="",
    label="Your message",
    button="Send to our support team",
    thanks="Thank you. It is part of your claim now.",
    closed="This claim is closed, so nothing can be added to it.",
    is_open=lambda claim, now: claim.is_open,
    send=evidence.add_evidence,
)
APPEAL: Final = Way(
    address="portal:appeal",
    title="Appeal the decision",
    intro="You can appeal once, with new words or new files. Somebody else then looks at your claim"
    " and decides. Time to appeal:",
    label="What should we see differently?",
    button="Send my appeal",
    thanks="Thank you. Somebody else looks at your claim now.",
    closed="This claim can't be appealed, or not any more.",
    is_open=lambda claim, now: time_limits.may_appeal(claim, now=now),
    send=appeals.appeal,
)
OBJECTION: Final = Way(
    address="portal:object",
    title="It isn't resolved",
    intro="If the problem is still there, tell us once, in words or with new files, and we look at"
    " it again. Time to tell us:",
    label="What is still wrong?",
    button="Tell our support team",
    thanks="Thank you. Our support team looks at it again.",
    closed="Nothing was repaired here lately, or you have told us already.",
    is_open=lambda claim, now: time_limits.may_object(claim, now=now),
    send=objections.object_to_repair,
)


def way_back(claim: Claim, *, now: datetime) -> tuple[Way, datetime] | None:
    """How, and before which instant, a customer can speak up against how their claim ended."""
    for way, until in (
        (APPEAL, time_limits.appeal_until(claim)),
        (OBJECTION, time_limits.object_until(claim)),
    ):
        if until and now < until:
            return way, until
    return None
