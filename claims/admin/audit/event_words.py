"""Events in words: their change, and their details."""

from __future__ import annotations

from django.utils.translation import gettext

from claims.models import Event

# Only the event has these notes; other notes are messages, decisions or internal notes.
OWN_NOTE = (Event.Kind.CORRECTED, Event.Kind.REOPENED)
TOLD = ("file", "problem", "role", "amount", "currency", "outcome", "clause", "kinds", "note")


def change_of(event: Event) -> str:
    """Return the old and the new values, such as `status: submitted → rejected`."""
    names = sorted({*event.before, *event.after})
    pairs = ((name, event.before.get(name), event.after.get(name)) for name in names)
    return "; ".join(
        f"{name.replace('_', ' ')}: {_said(was)} → {_said(now)}"
        for name, was, now in pairs
        if was != now
    )


def details_of(event: Event, *, with_note: bool = True) -> str:
    """Return the event's details in a few words."""
    told = [name for name in TOLD if event.data.get(name)]
    if event.kind == Event.Kind.NOTED or not (with_note or event.kind in OWN_NOTE):
        told = [name for name in told if name != "note"]
    return ", ".join(
        event.file_problem if name == "problem" else _said(event.data[name]) for name in told
    )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or gettext("none")
    return gettext("none") if value is None or value == "" else str(value)
