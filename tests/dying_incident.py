"""A worker that kills itself in an incident: python -m tests.dying_incident POINT TIMES.

It is the real worker; the function that it dies after, at so many calls, is wrapped before it
starts.
"""

from __future__ import annotations

import os
import sys

import django
from django.core.management import execute_from_command_line

from tests.killing import after, die


def wrap(point: str, times: int) -> None:
    """Make the process die after this many calls."""
    from claims.actions.orders import single_returns  # noqa: PLC0415 - not before the set-up
    from claims.actions.review import decisions, incidents  # noqa: PLC0415 - likewise

    owner, name, deadly = {
        "after the price moved": (
            decisions,
            "return_price",
            after(single_returns.return_price, times=times),
        ),
        "after the mark": (incidents, "_mark", after(incidents._mark, times=times)),
        "after the commit": (
            incidents,
            "work_on_next",
            after(incidents.work_on_next, times=times),
        ),
        "before the end": (incidents, "_finish", die),
    }[point]
    assert hasattr(owner, name)
    setattr(owner, name, deadly)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    wrap(sys.argv[1], int(sys.argv[2]))
    execute_from_command_line(["manage.py", "work"])
