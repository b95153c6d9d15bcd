"""Whether the work of the portal is being done: ages, each with the most that is usual."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from claims.actions.notices.staff_mail import ACKNOWLEDGED_WITHIN
from claims.jobs import heartbeats
from claims.queries.core import work_state

HEARTBEAT_WITHIN: Final = timedelta(seconds=90)
"""Heartbeats are due every 20 seconds."""
JOB_MAY_RUN: Final = timedelta(minutes=16)
"""The time in which running jobs may hold back the heartbeats of their queue: as long as the
inspection of a video may take, and a minute."""
DUE_JOB_WITHIN: Final = timedelta(minutes=5)
OLDEST_WITHIN: Final = {
    "inspection": timedelta(minutes=15),
    "mail": timedelta(minutes=15),
    # A code lives for 15 minutes, and greylisting takes five of them.
    "sign_in_mail": timedelta(minutes=8),
    "webhook": timedelta(minutes=30),
    # The daily mail to Supervisors counts from there, too.
    "return": ACKNOWLEDGED_WITHIN,
}


@dataclass(frozen=True)
class Age:
    """The age of the oldest or newest thing of a kind, and the most that is usual.

    `seconds` is None if there is none: for a heartbeat that is as bad as an old one.
    """

    kind: str
    name: str
    seconds: float | None
    most: float
    is_usual: bool


def ages(*, now: datetime) -> list[Age]:
    """Return the ages of all queues and kinds of work, by the database's clock."""
    return [*_heartbeats(now), *_due_jobs(now), *_waiting(now)]


def _heartbeats(now: datetime) -> Iterator[Age]:
    newest = work_state.newest_heartbeats()
    running = work_state.oldest_running_jobs(now=now)
    for queue in heartbeats.queues():
        age = _age("heartbeat", queue, newest.get(queue), HEARTBEAT_WITHIN, now)
        is_busy = queue in running and now - running[queue] <= JOB_MAY_RUN
        usual = is_busy or (age.seconds is not None and age.is_usual)
        yield Age(age.kind, age.name, age.seconds, age.most, usual)


def _due_jobs(now: datetime) -> Iterator[Age]:
    # Jobs may wait in a queue that no task of this version has.
    due = work_state.oldest_due_jobs(now=now)
    for queue in sorted({*heartbeats.queues(), *due}):
        yield _age("due_job", queue, due.get(queue), DUE_JOB_WITHIN, now)


def _waiting(now: datetime) -> Iterator[Age]:
    for name, since in work_state.oldest_waiting().items():
        yield _age("waiting", name, since, OLDEST_WITHIN[name], now)


def _age(kind: str, name: str, since: datetime | None, within: timedelta, now: datetime) -> Age:
    most = within.total_seconds()
    seconds = None if since is None else max(0.0, (now - since).total_seconds())
    return Age(kind, name, seconds, most, is_usual=seconds is None or seconds <= most)
