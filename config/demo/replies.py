"""Texts that the demo's staff reuse, by clause."""

from __future__ import annotations

from typing import Final, NamedTuple

from claims.models import CannedReply
from claims.policy import Clause


class Text(NamedTuple):
    name: str
    clause: str
    body: str


REPLIES: Final = (
    Text(
        "We are looking into it", "",
        "Hello {name},\n\nthank you for claim {claim}. We are asking our supplier about {phone} "
        "and write to you again within a day. There is nothing for you to do.",
    ),
    Text(
        "Show the code", Clause.PROOF,
        "Hello {name},\n\nyour picture doesn't show which number it is about. Please send one on "
        "which {service} names {phone}, with the code {proof_code} written on a note beside it.",
    ),
    Text(
        "A video, please", Clause.TELEGRAM_2FA_VIDEO,
        "Hello {name},\n\nfor a {service} number with a password we need a video: from entering "
        "{phone} to the screen that asks for the password. A few seconds are enough.",
    ),
    Text(
        "Supplier confirms the outage", Clause.SERVER_SIDE,
        "Hello {name},\n\nour supplier confirms that messages to {phone} were lost. The price of "
        "order {order}, {price}, is back in your credit. We are sorry for the trouble.",
    ),
    Text(
        "Unofficial client", Clause.THIRD_PARTY,
        "Hello {name},\n\nwhat you describe comes from an unofficial client, which our policy "
        "doesn't cover ({clause}). The number works with the {service} app itself.",
    ),
    Text(
        "Too many requests", Clause.API_MISUSE,
        "Hello {name},\n\nour log shows many requests for {phone} within a minute, after which "
        "{service} refuses a number for some hours ({clause}). We can't return {price} for that.",
    ),
)  # fmt: skip


def add_replies() -> None:
    """Create the replies that are missing."""
    for text in REPLIES:
        CannedReply.objects.get_or_create(
            name=text.name, language="en", defaults={"clause": text.clause, "body": text.body}
        )
