"""The queue: its tabs, its order, and one page of it, at a cost that doesn't depend on its size.

Nothing here reads more than it shows: tabs are counted up to a limit, a page begins where the one
before ended, and the values of a menu are found by hopping along an index.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from django.core.cache import caches
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from claims.models import Claim, Lease

PER_PAGE: Final = 50
MOST_COUNTED: Final = 1_000
MOST_VALUES: Final = 200
"""The most values of one menu."""


class Tab(StrEnum):
    """A way to look at the queue."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    REMEDY = "remedy"
    SECOND = "second"
    WAITING = "waiting"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True)
class QueuePlace:
    """The place of a claim in the queue."""

    at: datetime
    pk: int


@dataclass(frozen=True)
class Sorting:
    """An order by an instant and then by id, so that no two claims share a place."""

    by: str
    newest_first: bool = False
    within: str = ""
    """A column that is empty in all the rows. PostgreSQL uses an index that begins with it for the
    order only if the order names it."""

    def __call__(self, claims: QuerySet[Claim], *, backwards: bool = False) -> QuerySet[Claim]:
        sign = "-" if self.newest_first != backwards else ""
        within = [("-" if backwards else "") + self.within] if self.within else []
        return claims.order_by(*within, f"{sign}{self.by}", f"{sign}pk")

    def beyond(self, place: QueuePlace, *, backwards: bool = False) -> Q:
        """Return the condition for the claims after this place or, backwards, before it."""
        falling = self.newest_first != backwards
        side, tie = ("lte", "gte") if falling else ("gte", "lte")
        level = Q((self.by, place.at), (f"pk__{tie}", place.pk))
        return Q((f"{self.by}__{side}", place.at)) & ~level


BY_DUE: Final = Sorting("due_at")
BY_CLOSING: Final = Sorting("closed_at", newest_first=True)
BY_FILING: Final = Sorting("filed_at", newest_first=True)


@dataclass(frozen=True)
class Page:
    places: list[QueuePlace]
    has_earlier: bool
    has_later: bool


def page_of(
    claims: QuerySet[Claim],
    sorting: Sorting,
    *,
    after: QueuePlace | None = None,
    before: QueuePlace | None = None,
) -> Page:
    """Return the page after a place or before one; the first page if too few come before."""
    backwards = before is not None
    place = before or after
    rows = sorting(claims, backwards=backwards)
    if place:
        rows = rows.filter(sorting.beyond(place, backwards=backwards))
    found = [QueuePlace(at, pk) for at, pk in rows.values_list(sorting.by, "pk")[: PER_PAGE + 1]]
    more = len(found) > PER_PAGE
    if not backwards:
        return Page(found[:PER_PAGE], has_earlier=place is not None, has_later=more)
    if len(found) < PER_PAGE:
        return page_of(claims, sorting)
    return Page(found[PER_PAGE - 1 :: -1], has_earlier=more, has_later=True)


def leased_by(user: User, *, now: datetime) -> list[int]:
    """Return the ids of the claims whose live lease this person holds."""
    return list(Lease.objects.live(now=now).filter(holder=user).values_list("pk", flat=True))


def claims_on(
    tab: Tab, *, by: User, now: datetime, leased: Collection[int] = ()
) -> QuerySet[Claim]:
    """Return the claims of a tab as this person sees it; `leased` is the result of `leased_by`."""
    if tab == Tab.CLOSED:
        return Claim.objects.filter(closed_at__isnull=False)
    if tab == Tab.UNASSIGNED:
        live = Lease.objects.live(now=now).filter(claim=OuterRef("pk"))
        return Claim.objects.filter(
            ~Exists(live), status=Claim.Status.SUBMITTED, assignee__isnull=True
        )
    if tab == Tab.WAITING:
        return Claim.objects.filter(status=Claim.Status.WAITING_CUSTOMER)
    some = {
        Tab.MINE: Q(assignee=by) | Q(pk__in=leased),
        Tab.SECOND: Q(approval__isnull=False) & ~Q(approval__by=by),
        Tab.REMEDY: Q(kind=Claim.Kind.MAJOR_DEFECT, due_at__lte=now),
    }
    return Claim.objects.filter(some.get(tab, Q()), status__in=Claim.OPEN)


def count_tabs(*, by: User, now: datetime, leased: Collection[int] = ()) -> dict[Tab, int]:
    """Return the number of claims on each tab; `MOST_COUNTED` + 1 stands for any higher number.

    One statement counts all tabs.
    """
    sql, stood_in = _counting(len(leased))
    given: dict[Any, Any] = dict(zip(range(FIRST_HELD, 0), leased, strict=False))
    given |= {SOMEONE: by.pk, SOME_TIME: now}
    with connection.cursor() as cursor:
        cursor.execute(sql, [given.get(each, each) for each in stood_in])
        return dict(zip(Tab, cursor.fetchone(), strict=True))


# Placeholders for a person, a time and leases in a cached statement: writing the statement takes
# longer than the database needs to run it. No row has a negative id.
SOMEONE: Final = -(10**9)
SOME_TIME: Final = datetime.min.replace(tzinfo=UTC)
FIRST_HELD: Final = -1000


@lru_cache(maxsize=32)
def _counting(held: int) -> tuple[str, list[Any]]:
    """Return the statement for a person with `held` leases, and its parameters and placeholders."""
    leased = list(range(FIRST_HELD, FIRST_HELD + held))
    parts: list[str] = []
    parameters: list[Any] = []
    for tab in Tab:
        claims = claims_on(tab, by=User(pk=SOMEONE), now=SOME_TIME, leased=leased)
        sorting = BY_CLOSING if tab == Tab.CLOSED else BY_DUE
        some = sorting(claims).values("pk")[: MOST_COUNTED + 1]
        sql, given = some.query.sql_with_params()
        parts.append(f"(SELECT count(*) FROM ({sql}) AS counted)")  # noqa: S608  # Django's own
        parameters += given
    return "SELECT " + ", ".join(parts), parameters


VALUES_KEPT_FOR: Final = 60  # seconds
COLUMNS: Final = ("service", "country", "supplier", "assignee_id")
CONDITIONS: Final[Mapping[bool, str]] = {
    False: "status IN ('submitted', 'waiting_customer', 'repairing', 'offered')",
    True: "closed_at IS NOT NULL",
}
# Hops from each value to the next greater one, in as many index look-ups as there are values.
HOP: Final = """
SELECT '{column}', value::text FROM (
    WITH RECURSIVE hop (value) AS (
        (SELECT {column} FROM claims_claim WHERE {condition} AND {column} IS NOT NULL
          ORDER BY {column} LIMIT 1)
        UNION ALL
        SELECT (SELECT {column} FROM claims_claim WHERE {condition} AND {column} > hop.value
                 ORDER BY {column} LIMIT 1)
          FROM hop WHERE hop.value IS NOT NULL
    )
    SELECT value FROM hop WHERE value IS NOT NULL LIMIT {most}
) AS {column}_values
"""


@dataclass(frozen=True)
class FilterValues:
    """The values that the filters of the open or the closed claims offer."""

    by_column: dict[str, list[str]]
    """The values of each of `COLUMNS`."""
    people: list[tuple[int, str]]
    """The id and name of each assignee."""
    has_unmapped: bool
    """True if a claim is of an unknown service."""


def values_of(*, closed: bool) -> FilterValues:
    """Return the values for the open or the closed claims, at most a minute old."""
    near = caches["process"]
    key = f"queue-values-{closed}"
    values: FilterValues | None = near.get(key)
    if values is None:
        read = _read_values(closed=closed)
        # Only a claim of an unknown service has none.
        has_unmapped = "" in read["service"]
        by_column = {column: [*filter(None, some)] for column, some in read.items()}
        people = User.objects.filter(pk__in=by_column["assignee_id"]).order_by("email")
        named = [(person.pk, str(person)) for person in people]
        values = FilterValues(by_column, named, has_unmapped)
        near.set(key, values, VALUES_KEPT_FOR)
    return values


def _read_values(*, closed: bool) -> dict[str, list[str]]:
    """Return the values by column, read in one statement."""
    parts = [
        HOP.format(column=column, condition=CONDITIONS[closed], most=MOST_VALUES)
        for column in COLUMNS
    ]
    values: dict[str, list[str]] = {column: [] for column in COLUMNS}
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        for column, value in cursor.fetchall():
            values[column].append(value)
    return values
