"""What the queue is filtered by, and the one filter of the list of orders."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from claims.formats.identifiers import SERVICE, id_in
from claims.models import Claim, Order
from claims.models.claim import PRICE_BANDS
from claims.queries.review.queue import Tab

ME, NOBODY = "me", "nobody"
MOST_LETTERS: Final = 40
OLDER: Final = {"older-1-day": 1, "older-3-days": 3, "older-7-days": 7, "older-30-days": 30}

Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Filter:
    """One menu over the queue: its name in the address, what it takes, and what that means."""

    name: str
    label: str
    knows: Callable[[str], bool]
    """Whether it takes this value."""
    condition: Callable[[str, User], Q]
    choices: Choices = ()
    """Without any, they are the values that the claims have."""
    column: str = ""
    """Where these values are, by `queries.values_of`."""


def _one_of(name: str, label: str, choices: Choices, **meanings: Any) -> Filter:
    """A filter of a few values, each of which a field has, or what `meanings` says instead."""
    field = meanings.pop("field", name)
    known = {value for value, _ in choices}
    return Filter(
        name,
        label,
        knows=known.__contains__,
        condition=lambda value, by: Q((field, meanings.get(value, value))),
        choices=choices,
    )


def _any_of(name: str, label: str, shape: str) -> Filter:
    """A filter of the values that there are."""
    return Filter(
        name,
        label,
        knows=lambda value: bool(re.fullmatch(shape, value)) and len(value) <= MOST_LETTERS,
        condition=lambda value, by: Q((name, value)),
        column=name,
    )


def _bands() -> Choices:
    ends = [f"{end}" for end in PRICE_BANDS]
    between = [f"{low} to {high}" for low, high in itertools.pairwise(ends)]
    names = [f"up to {ends[0]}", *between, f"more than {ends[-1]}"]
    return [(str(band), name) for band, name in enumerate(names)]


def _labels(choices: Sequence[tuple[Any, Any]]) -> Choices:
    return [(str(value), str(label)) for value, label in choices]


def _whose(value: str, by: User) -> Q:
    if value == NOBODY:
        return Q(assignee__isnull=True)
    return Q(assignee=by.pk if value == ME else int(value))


SHOWN: Final = {label.replace(" ", "-"): value for value, label in Claim.Shown.choices}
SPANS: Final = [
    ("today", "today"),
    ("7-days", "in the last 7 days"),
    ("30-days", "in the last 30 days"),
    ("this-month", "this month"),
    ("last-month", "last month"),
    ("older-1-day", "more than a day ago"),
    ("older-3-days", "more than 3 days ago"),
    ("older-7-days", "more than 7 days ago"),
    ("older-30-days", "more than 30 days ago"),
]
FILTERS: Final[Mapping[str, Filter]] = {
    each.name: each
    for each in [
        _one_of("kind", "Kind", _labels(Claim.Kind.choices)),
        _one_of("status", "Status", _labels(Claim.Status.choices)),
        _any_of("service", "Service", SERVICE),
        _any_of("country", "Country", r"[A-Z]{2}"),
        _any_of("supplier", "Supplier", r"[^\x00-\x1f\x7f\ud800-\udfff]+"),
        _one_of("channel", "Channel", _labels(Order.Channel.choices)),
        _one_of("amount", "Amount", _bands(), field="price_band"),
        Filter(
            "filed",
            "Filed",
            knows={word for word, _ in SPANS}.__contains__,
            condition=lambda value, by: filed_within(value, now=timezone.now()),
            choices=SPANS,
        ),
        _one_of(
            "verdict",
            "Verdict",
            [("failing", "a clause fails"), ("passing", "no clause fails")],
            field="is_failing",
            failing=True,
            passing=False,
        ),
        Filter(
            "assignee",
            "Whose",
            knows=lambda value: value in {ME, NOBODY} or id_in(value) is not None,
            condition=_whose,
            column="assignee_id",
        ),
        _one_of(
            "evidence",
            "Evidence",
            [(word, word.replace("-", " ")) for word in SHOWN],
            field="shown",
            **SHOWN,
        ),
    ]
}


def statuses_on(tab: Tab | None) -> Choices:
    """The statuses that claims on a tab can have; of no tab, all."""
    if tab is None:
        return FILTERS["status"].choices
    some = {
        Tab.CLOSED: set(Claim.FINAL),
        Tab.UNASSIGNED: {Claim.Status.SUBMITTED},
        Tab.WAITING: {Claim.Status.WAITING_CUSTOMER},
    }.get(tab, set(Claim.OPEN))
    return [(value, label) for value, label in FILTERS["status"].choices if value in some]


def filed_within(word: str, *, now: datetime) -> Q:
    """Claims by how long ago they were filed; the words mean days in the reader's own zone.

    A claim is due and closed after its filing. That is said to the database too, which finds
    claims by when they are due.
    """
    if word in OLDER:
        return Q(filed_at__lt=now - timedelta(days=OLDER[word]))
    span = filed_span(word, today=timezone.localdate(now))
    if span is None:
        return Q()
    first, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in span)
    return Q(filed_at__gte=first, filed_at__lt=end, due_at__gte=first)


def filed_span(word: str | None, *, today: date) -> tuple[date, date] | None:
    """The first day that a word means and the day after the last; None for no known word."""
    tomorrow, month = today + timedelta(days=1), today.replace(day=1)
    spans = {
        "today": (today, tomorrow),
        "7-days": (tomorrow - timedelta(days=7), tomorrow),
        "30-days": (tomorrow - timedelta(days=30), tomorrow),
        "this-month": (month, tomorrow),
        "last-month": ((month - timedelta(days=1)).replace(day=1), month),
    }
    return spans.get(word or "")
