"""The status machine: one table that makes the database's trigger and the docs' diagram."""

from __future__ import annotations

from typing import Final, NamedTuple

OPEN: Final = ["submitted", "waiting_customer", "repairing", "offered"]
FINAL: Final = ["refunded", "replaced", "repaired", "rejected", "withdrawn"]


class Move(NamedTuple):
    """A move from one status to another, and the act that causes it."""

    before: str
    after: str
    by: str


MOVES: Final = [
    Move("submitted", "waiting_customer", "ask for evidence, or a file that can't be used"),
    Move("submitted", "repairing", "start repair, for a defect"),
    Move("submitted", "offered", "offer a replacement, for a defect"),
    Move("submitted", "refunded", "approve, goodwill, or the automatic return"),
    Move("submitted", "rejected", "reject, with a clause"),
    Move("submitted", "withdrawn", "the customer"),
    Move("waiting_customer", "submitted", "the customer's answer"),
    Move("waiting_customer", "repairing", "start repair, for a defect"),
    Move("waiting_customer", "offered", "offer a replacement, for a defect"),
    Move("waiting_customer", "refunded", "approve, goodwill, or the automatic return"),
    Move("waiting_customer", "rejected", "reject, with a clause, or no answer in time"),
    Move("waiting_customer", "withdrawn", "the customer"),
    Move("repairing", "submitted", "can't be repaired: a remedy is due at once"),
    Move("repairing", "repaired", "repaired"),
    Move("repairing", "refunded", "approve, goodwill, or the automatic return"),
    Move("repairing", "rejected", "reject, with a clause"),
    Move("repairing", "withdrawn", "the customer"),
    Move(
        "offered",
        "submitted",
        "what was promised can't be paid",
    ),
    Move("offered", "replaced", "the shop provides the replacement that the customer chose"),
    Move(
        "offered",
        "refunded",
        "the customer's choice, or none in time; no replacement from the shop; approve, goodwill,"
        " or the automatic return",
    ),
    Move("offered", "withdrawn", "the customer"),
    Move("repaired", "submitted", "the customer's word that it isn't, once"),
    Move("rejected", "submitted", "the customer's appeal, once, or reopen, once, by a supervisor"),
]
TRANSITIONS: Final = [(move.before, move.after) for move in MOVES]


def diagram() -> str:
    """Return the machine as a Mermaid state diagram."""
    lines = [f"    {move.before} --> {move.after}" for move in MOVES]
    ends = [f"    {status} --> [*]" for status in FINAL]
    return "\n".join(["stateDiagram-v2", "    [*] --> submitted", *lines, *ends])


def table() -> str:
    """Return the moves as a Markdown table; moves with the same end and cause share a row."""
    rows: dict[tuple[str, str], list[str]] = {}
    for move in MOVES:
        rows.setdefault((move.after, move.by), []).append(f"`{move.before}`")
    lines = [f"| {', '.join(before)} | `{after}` | {by} |" for (after, by), before in rows.items()]
    return "\n".join(["| from | to | by |", "|---|---|---|", *lines])
