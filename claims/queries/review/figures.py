"""The figures of the desk: the claims that wait, and how long customers wait for us."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection

from accounts.models import User
from claims.models import Claim, Event
from claims.queries.review.queue import BY_DUE, Tab, claims_on, leased_by

KEPT_FOR = 60  # seconds
DAYS = 7
"""The number of days, with today, that a figure looks back over."""
# The events that answer a customer: a person causes each. An automatic return is no answer.
ANSWERS = [
    Event.Kind.EVIDENCE_REQUESTED,
    Event.Kind.REPLIED,
    Event.Kind.REPAIR_STARTED,
    Event.Kind.OFFERED,
    Event.Kind.REFUNDED,
    Event.Kind.GOODWILL,
    Event.Kind.REPAIRED,
    Event.Kind.REJECTED,
]
# The times to the first answer, for claims first answered since `since`. Only a claim filed before
# `since` can have an earlier answer; the statement checks those one by one, because all answers
# ever given are many more.
TO_ANSWER = """
WITH answered AS MATERIALIZED (
    SELECT claim_id, min(at) AS at FROM claims_event
     WHERE kind = ANY(%(answers)s) AND at >= %(since)s AND at < %(now)s
     GROUP BY claim_id
)
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY answered.at - claim.filed_at)
           FILTER (WHERE answered.at >= %(today)s),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY answered.at - claim.filed_at)
  FROM answered
  JOIN claims_claim AS claim ON claim.id = answered.claim_id
  LEFT JOIN LATERAL (
    SELECT true AS found FROM claims_event AS event
     WHERE claim.filed_at < %(since)s AND event.claim_id = claim.id
       AND event.kind = ANY(%(answers)s) AND event.at < %(since)s
     LIMIT 1
  ) AS earlier ON true
 WHERE earlier.found IS NULL
"""
# The times are those to a first decision (round 1): a reopened claim waits for its second decision
# only from its reopening on.
TO_DECISION = """
SELECT decision.by_id, person.email, person.display_name,
       count(*) FILTER (WHERE decided_at >= %(today)s), count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY decided_at - claim.filed_at)
           FILTER (WHERE round = 1 AND decided_at >= %(today)s),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY decided_at - claim.filed_at)
           FILTER (WHERE round = 1)
  FROM claims_decision AS decision
  JOIN claims_claim AS claim ON claim.id = decision.claim_id
  JOIN accounts_user AS person ON person.id = decision.by_id
 WHERE decided_at >= %(since)s AND decided_at < %(now)s
 GROUP BY GROUPING SETS ((), (decision.by_id, person.email, person.display_name))
 ORDER BY 5 DESC, person.email
"""
WAITING = """
SELECT count(*), min(filed_at) FROM claims_claim WHERE status = 'submitted'
"""


@dataclass(frozen=True)
class FigurePair:
    """One figure, for today and for the last seven days including today."""

    today: Any
    week: Any


@dataclass(frozen=True)
class ReviewerFigures:
    """The numbers of claims that a person has decided."""

    name: str
    today: int
    week: int


@dataclass(frozen=True)
class Figures:
    """The figures of the desk at one moment. A figure is None if nothing has happened."""

    at: datetime
    today: datetime
    waiting: int
    oldest: datetime | None
    to_answer: FigurePair
    to_decision: FigurePair
    decided: FigurePair
    people: list[ReviewerFigures] = field(default_factory=list)


def service_figures(*, now: datetime, today: datetime) -> Figures:
    """Return the figures, at most a minute old; `today` is the start of the reader's day.

    The cache key holds only that instant, so all people whose day began then share the figures.
    """
    key = f"desk-figures-1:{today.timestamp():.0f}"
    found = cache.get(key)
    if not isinstance(found, Figures):
        found = count_figures(now=now, today=today)
        cache.set(key, found, KEPT_FOR)
    return found


def count_figures(*, now: datetime, today: datetime) -> Figures:
    """Return the current figures, in three statements over indexed ranges."""
    span: dict[str, Any] = {
        "now": now,
        "today": today,
        "since": today - timedelta(days=DAYS - 1),
        "answers": [str(kind) for kind in ANSWERS],
    }
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        waiting, oldest = cursor.fetchone()
        cursor.execute(TO_ANSWER, span)
        to_answer = FigurePair(*cursor.fetchone())
        cursor.execute(TO_DECISION, span)
        rows = cursor.fetchall()
    (total,) = (row for row in rows if row[0] is None)
    people = [
        ReviewerFigures(name or email, *counts[:2]) for pk, email, name, *counts in rows if pk
    ]
    return Figures(
        at=now,
        today=today,
        waiting=waiting,
        oldest=oldest,
        to_answer=to_answer,
        to_decision=FigurePair(*total[5:]),
        decided=FigurePair(*total[3:5]),
        people=people,
    )


def next_due(*, most: int) -> list[Claim]:
    """Return the claims with the earliest deadlines, by two short walks along an index."""
    found: list[Claim] = []
    for status in (Claim.Status.SUBMITTED, Claim.Status.REPAIRING):
        claims = Claim.objects.filter(status=status, status__in=Claim.OPEN)
        found += claims.select_related("order", "assignee").order_by("due_at", "pk")[:most]
    return sorted(found, key=lambda claim: (claim.due_at, claim.pk))[:most]


def work_of(user: User, *, now: datetime, most: int) -> list[Claim]:
    """Return the first claims of the queue's tab *Mine*."""
    mine = claims_on(Tab.MINE, by=user, now=now, leased=leased_by(user, now=now))
    return list(BY_DUE(mine).select_related("order", "lease")[:most])
