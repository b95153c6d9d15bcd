"""Events in words: their change, and their details."""

from __future__ import annotations

from claims.models import Event

# Their note stands nowhere else; other notes are a message, a decision or a note of their own.
OWN_NOTE = (Event.Kind.CORRECTED, Event.Kind.REOPENED)
TOLD = ("file", "problem", "role", "amount", "currency", "outcome", "clause", "kinds", "note")


def change_of(event: Event) -> str:
    """What was and what is, such as `status: submitted → rejected`."""
    names = sorted({*event.before, *event.after})
    pairs = ((name, event.before.get(name), event.after.get(name)) for name in names)
    return "; ".join(
        f"{name.replace('_', ' ')}: {_said(was)} → {_said(now)}"
        for name, was, now in pairs
        if was != now
    )


def details_of(event: Event, *, with_note: bool = True) -> str:
    """What else the line says, in few words."""
    told = [name for name in TOLD if event.data.get(name)]
    if event.kind == Event.Kind.NOTED or not (with_note or event.kind in OWN_NOTE):
        told = [name for name in told if name != "note"]
    return ", ".join(
        event.file_problem if name == "problem" else _said(event.data[name]) for name in told
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None or value == "" else str(value)
