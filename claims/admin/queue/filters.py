"""The filters of the queue."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims.formats.identifiers import SERVICE, id_in
from claims.models import Claim, Order
from claims.models.claim import PRICE_BANDS
from claims.queries.review.queue import Tab

ME, NOBODY = "me", "nobody"
UNMAPPED: Final = "-"
"""The value for claims of an unknown service; no slug begins with a dash."""
MOST_LETTERS: Final = 40
OLDER: Final = {"older-1-day": 1, "older-3-days": 3, "older-7-days": 7, "older-30-days": 30}

Choices = Sequence[tuple[str, str | Promise]]


@dataclass(frozen=True)
class Filter:
    """One menu above the queue: its name in the address, its values, and their conditions."""

    name: str
    label: str | Promise
    knows: Callable[[str], bool]
    """Returns whether the filter has this value."""
    condition: Callable[[str, User], Q]
    choices: Choices = ()
    """If empty, the menu offers the values that the claims have."""
    column: str = ""
    """The column with these values, as `values_of` names it."""


def _one_of(name: str, label: Promise, choices: Choices, **meanings: Any) -> Filter:
    """Return a filter of a few values of a field; `meanings` maps them to the field's values."""
    field = meanings.pop("field", name)
    known = {value for value, _ in choices}
    return Filter(
        name,
        label,
        knows=known.__contains__,
        condition=lambda value, by: Q((field, meanings.get(value, value))),
        choices=choices,
    )


def _any_of(name: str, label: Promise, shape: str) -> Filter:
    """Return a filter of all values that the claims have."""
    return Filter(
        name,
        label,
        knows=lambda value: bool(re.fullmatch(shape, value)) and len(value) <= MOST_LETTERS,
        condition=lambda value, by: Q((name, value)),
        column=name,
    )


def _is_slug(value: str) -> bool:
    return bool(re.fullmatch(SERVICE, value)) and len(value) <= MOST_LETTERS


def _bands() -> Choices:
    ends = [f"{end}" for end in PRICE_BANDS]
    between = [
        format_lazy(_("{low} to {high}"), low=low, high=high)
        for low, high in itertools.pairwise(ends)
    ]
    lowest = format_lazy(_("up to {end}"), end=ends[0])
    names = [lowest, *between, format_lazy(_("more than {end}"), end=ends[-1])]
    return [(str(band), name) for band, name in enumerate(names)]


def _labels(choices: Sequence[tuple[Any, Any]]) -> Choices:
    return [(str(value), label) for value, label in choices]


def _assigned_to(value: str, by: User) -> Q:
    if value == NOBODY:
        return Q(assignee__isnull=True)
    return Q(assignee=by.pk if value == ME else int(value))


SHOWN: Final = {label.replace(" ", "-"): value for value, label in Claim.Shown.choices}
SPANS: Final[Choices] = [
    ("today", _("today")),
    ("7-days", _("in the last 7 days")),
    ("30-days", _("in the last 30 days")),
    ("this-month", _("this month")),
    ("last-month", _("last month")),
    ("older-1-day", _("more than a day ago")),
    ("older-3-days", _("more than 3 days ago")),
    ("older-7-days", _("more than 7 days ago")),
    ("older-30-days", _("more than 30 days ago")),
]
FILTERS: Final[Mapping[str, Filter]] = {
    each.name: each
    for each in [
        _one_of("kind", _("Kind"), _labels(Claim.Kind.choices)),
        _one_of("status", _("Status"), _labels(Claim.Status.choices)),
        Filter(
            "service",
            _("Service"),
            knows=lambda value: value == UNMAPPED or _is_slug(value),
            condition=lambda value, by: Q(service="" if value == UNMAPPED else value),
            column="service",
        ),
        _any_of("country", _("Country"), r"[A-Z]{2}"),
        _any_of("supplier", _("Supplier"), r"[^\x00-\x1f\x7f\ud800-\udfff]+"),
        _one_of("channel", _("Channel"), _labels(Order.Channel.choices)),
        _one_of("amount", _("Amount"), _bands(), field="price_band"),
        Filter(
            "filed",
            _("Filed"),
            knows={word for word, _ in SPANS}.__contains__,
            condition=lambda value, by: filed_within(value, now=timezone.now()),
            choices=SPANS,
        ),
        _one_of(
            "verdict",
            _("Verdict"),
            [("failing", _("a clause fails")), ("passing", _("no clause fails"))],
            field="is_failing",
            failing=True,
            passing=False,
        ),
        Filter(
            "assignee",
            _("Assignee"),
            knows=lambda value: value in {ME, NOBODY} or id_in(value) is not None,
            condition=_assigned_to,
            column="assignee_id",
        ),
        _one_of(
            "evidence",
            _("Evidence"),
            [(word, Claim.Shown(value).label) for word, value in SHOWN.items()],
            field="shown",
            **SHOWN,
        ),
    ]
}


def statuses_on(tab: Tab | None) -> Choices:
    """Return the statuses that claims on a tab can have, or all of them for no tab."""
    if tab is None:
        return FILTERS["status"].choices
    some = {
        Tab.CLOSED: set(Claim.FINAL),
        Tab.UNASSIGNED: {Claim.Status.SUBMITTED},
        Tab.WAITING: {Claim.Status.WAITING_CUSTOMER},
    }.get(tab, set(Claim.OPEN))
    return [(value, label) for value, label in FILTERS["status"].choices if value in some]


def filed_within(word: str, *, now: datetime) -> Q:
    """Select claims by their filing; the words mean days in the reader's own time zone.

    A claim is due after it is filed. The condition says so too, because the database finds claims
    by `due_at`.
    """
    if word in OLDER:
        return Q(filed_at__lt=now - timedelta(days=OLDER[word]))
    span = filed_span(word, today=timezone.localdate(now))
    if span is None:
        return Q()
    first, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in span)
    return Q(filed_at__gte=first, filed_at__lt=end, due_at__gte=first)


def filed_span(word: str | None, *, today: date) -> tuple[date, date] | None:
    """Return the first day of a span and the day after its last; None for an unknown word."""
    tomorrow, month = today + timedelta(days=1), today.replace(day=1)
    spans = {
        "today": (today, tomorrow),
        "7-days": (tomorrow - timedelta(days=7), tomorrow),
        "30-days": (tomorrow - timedelta(days=30), tomorrow),
        "this-month": (month, tomorrow),
        "last-month": ((month - timedelta(days=1)).replace(day=1), month),
    }
    return spans.get(word or "")
