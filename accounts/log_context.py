"""The facts about the current request or job that each line of the log adds to its own words.

It is ambient, as the address of a request is: no action decides anything by it. Ids and codes alone
belong here; names, addresses, tokens and words of people never do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_facts: ContextVar[dict[str, str | int] | None] = ContextVar("facts", default=None)


def facts() -> dict[str, str | int]:
    """Return the facts of the current request or job; none outside of both."""
    return dict(_facts.get() or {})


@contextmanager
def logging_about(**known: str | int) -> Iterator[None]:
    """Begin a request or a job: inside the block, lines say these facts and those of `note`."""
    token = _facts.set(dict(known))
    try:
        yield
    finally:
        _facts.reset(token)


def note(**known: str | int) -> None:
    """Add facts that became known by now. Outside a request or a job, this does nothing."""
    current = _facts.get()
    if current is not None:
        current.update(known)
