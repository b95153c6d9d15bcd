"""The ways for a customer to add words and files to an existing claim."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims.actions.customer import appeals, evidence, objections
from claims.models import Claim
from claims.queries.core.claim_actions import ActionName, action_of
from claims.queries.customer import time_limits


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way: its address, its texts, its condition, and its action."""

    address: str
    title: str | Promise
    intro: str | Promise
    label: str | Promise
    """The label of the message field."""
    button: str | Promise
    thanks: str | Promise
    closed: str | Promise
    """The message to a customer for whom it isn't open."""
    is_open: Callable[[Claim, datetime], bool]
    send: Callable[..., Claim]


ANSWER: Final = Way(
    address="portal:add_evidence",
    title=_("Add to your claim"),
    intro="",
    label=_("Your message"),
    button=_("Send to our support team"),
    thanks=_("Thank you. It is part of your claim now."),
    closed=_("This claim is closed, so nothing can be added to it."),
    is_open=lambda claim, now: action_of(ActionName.ADD_EVIDENCE).fits(claim),
    send=evidence.add_evidence,
)
APPEAL: Final = Way(
    address="portal:appeal",
    title=_("Appeal the decision"),
    intro=_(
        "You can appeal once, with new words or new files. Another person then looks at your claim"
        " and decides. Time to appeal:"
    ),
    label=_("What should we see differently?"),
    button=_("Send my appeal"),
    thanks=_("Thank you. Another person looks at your claim now."),
    closed=_("This claim can't be appealed, or not any more."),
    is_open=lambda claim, now: time_limits.may_appeal(claim, now=now),
    send=appeals.appeal,
)
OBJECTION: Final = Way(
    address="portal:object",
    title=_("It isn't resolved"),
    intro=_(
        "If the problem is still there, tell us once, in words or with new files, and we look at"
        " it again. Time to tell us:"
    ),
    label=_("What is still wrong?"),
    button=_("Tell our support team"),
    thanks=_("Thank you. Our support team looks at it again."),
    closed=_("Nothing was repaired here lately, or you have told us already."),
    is_open=lambda claim, now: time_limits.may_object(claim, now=now),
    send=objections.object_to_repair,
)


def way_back(claim: Claim, *, now: datetime) -> tuple[Way, datetime] | None:
    """Return the way to contest how the claim ended, and its deadline; None without one."""
    for way, until in (
        (APPEAL, time_limits.appeal_until(claim)),
        (OBJECTION, time_limits.object_until(claim)),
    ):
        if until and now < until:
            return way, until
    return None
