"""A worker that kills itself while it sends a notice: python -m tests.dying_mail POINT.

It is the real worker; the function that it dies in is wrapped before it starts.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import django
from django.core.management import execute_from_command_line
from procrastinate.manager import JobManager

from tests.killing import after, die


def wrap(point: str) -> None:
    """Make the process die at this point."""
    from claims.actions.notices import delivery  # noqa: PLC0415 - not before the set-up
    from claims.models import Notice  # noqa: PLC0415 - likewise

    owner, name, deadly = {
        "when it has claimed the job": (delivery, "send_notice", die),
        "before it is committed that it begins": (Notice, "begin", after(Notice.begin)),
        "before it asks the mail server": (delivery, "_hand_over", die),
        "after the mail server has it": (delivery, "_hand_over", after(delivery._hand_over)),
        "before it is committed that it is sent": (Notice, "settle", after(Notice.settle)),
        "before the job is done": (delivery, "send_notice", after(delivery.send_notice)),
    }[point]
    assert hasattr(owner, name)
    setattr(owner, name, deadly)


async def find_none(*args: Any, **named: Any) -> list[Any]:
    """Find no jobs of an earlier worker: a healthy one takes them up."""
    return []


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    wrap(sys.argv[1])
    JobManager.get_stalled_jobs = find_none  # type: ignore[method-assign]  # it only dies
    execute_from_command_line(["manage.py", "work"])
