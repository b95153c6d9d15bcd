"""Groups of claims of *SMS not received* that belong together, and the results of incidents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Count, Max, Prefetch, QuerySet, Sum

from claims.models import Claim, Event, Evidence, Incident, IncidentClaim
from claims.models.refundable import refundable

RECENT = timedelta(days=7)
"""The age up to which purchases are grouped; hardly any claim on an older one is still open."""
PAST_HOURS = 14 * 24
"""The number of earlier hours, with the same supplier, service and country, that an hour is
compared with."""
FEWEST_TOGETHER = 2
FEWEST_UNUSUAL = 5
UNUSUAL_SCORE = 3
MOST_GROUPS = 200
WAITING = (Claim.Status.SUBMITTED, Claim.Status.WAITING_CUSTOMER)
CLOCKS_APART = timedelta(hours=1)
"""The most by which the shop's clock may be ahead of ours, so that a claim seems to be filed
before its purchase."""

# Claims of an unknown service or country form no groups: they have nothing in common. The statement
# looks up the past only of a supply (supplier, service and country) that has an open group now, by
# an index on the supply and the filing. An hour is unusual by the score of a Poisson
# count. One is added to the variance, so that a past without claims doesn't make every single claim
# unusual.
GROUPS = """
WITH open AS MATERIALIZED (
    SELECT claim.supplier, claim.service, claim.country
      FROM claims_claim AS claim
      JOIN claims_order AS bought ON bought.id = claim.order_id
     WHERE claim.status IN ('submitted', 'waiting_customer')
       AND claim.kind = 'sms_not_received'
       AND claim.service <> '' AND claim.country <> ''
       AND claim.filed_at >= %(filed_lately)s
       AND bought.purchased_at >= %(recent)s
     GROUP BY 1, 2, 3, date_trunc('hour', bought.purchased_at, 'UTC')
    HAVING count(*) >= %(fewest)s
), hourly AS (
    SELECT supplier, service, country,
           date_trunc('hour', bought.purchased_at, 'UTC') AS hour,
           count(*) FILTER (WHERE claim.status IN ('submitted', 'waiting_customer')) AS waiting,
           count(*) AS filed
      FROM (SELECT DISTINCT supplier, service, country FROM open) AS supply
      JOIN claims_claim AS claim USING (supplier, service, country)
      JOIN claims_order AS bought ON bought.id = claim.order_id
     WHERE claim.kind = 'sms_not_received'
       AND claim.filed_at >= %(filed_long_ago)s
       AND bought.purchased_at >= %(long_ago)s
     GROUP BY 1, 2, 3, 4
), compared AS (
    SELECT *, coalesce(sum(filed) OVER past, 0) / %(hours)s::float AS usual
      FROM hourly
    WINDOW past AS (
        PARTITION BY supplier, service, country ORDER BY hour
        RANGE BETWEEN make_interval(hours => %(hours)s) PRECEDING AND interval '1 hour' PRECEDING
    )
), scored AS (
    SELECT *, (filed - usual) / sqrt(usual + 1) AS score
      FROM compared
     WHERE waiting >= %(fewest)s AND hour >= %(recent)s
)
SELECT supplier, service, country, hour, waiting, filed, usual, score,
       filed >= %(fewest_unusual)s AND score >= %(unusual)s AS is_unusual
  FROM scored
 ORDER BY is_unusual DESC, CASE WHEN filed >= %(fewest_unusual)s THEN score ELSE 0 END DESC,
          waiting DESC, hour DESC, supplier, service, country
 LIMIT %(most)s
"""


@dataclass(frozen=True)
class ClaimGroup:
    """The attributes that the claims of a group share. `hour` is the start of the purchases' hour.

    It is a full hour in UTC.
    """

    supplier: str
    service: str
    country: str
    hour: datetime

    @property
    def hour_in_address(self) -> str:
        return f"{self.hour.astimezone(UTC):%Y-%m-%dT%H}"

    def __str__(self) -> str:
        return f"{self.service} {self.country}, {self.hour.astimezone(UTC):%Y-%m-%d %H:00} UTC"


@dataclass(frozen=True)
class Hour:
    """A group's current numbers, compared with the hours before it."""

    group: ClaimGroup
    waiting: int
    """Open claims."""
    filed: int
    """All claims on purchases of this hour, closed ones too."""
    usual: float
    """The average number of claims on an earlier hour."""
    score: float
    is_unusual: bool


def open_groups(*, now: datetime) -> list[Hour]:
    """Return the open groups of recent purchases, the most unusual first."""
    recent = now.replace(minute=0, second=0, microsecond=0) - RECENT
    long_ago = recent - timedelta(hours=PAST_HOURS)
    with connection.cursor() as cursor:
        cursor.execute(
            GROUPS,
            {
                "recent": recent,
                "filed_lately": recent - CLOCKS_APART,
                "long_ago": long_ago,
                "filed_long_ago": long_ago - CLOCKS_APART,
                "hours": PAST_HOURS,
                "fewest": FEWEST_TOGETHER,
                "fewest_unusual": FEWEST_UNUSUAL,
                "unusual": UNUSUAL_SCORE,
                "most": MOST_GROUPS,
            },
        )
        return [Hour(ClaimGroup(*row[:4]), *row[4:]) for row in cursor.fetchall()]


def claims_of_group(group: ClaimGroup) -> QuerySet[Claim]:
    """Return all claims of the group, closed ones too, in the order of their filing."""
    return Claim.objects.filter(
        kind=Claim.Kind.SMS_NOT_RECEIVED,
        supplier=group.supplier,
        service=group.service,
        country=group.country,
        filed_at__gte=group.hour - CLOCKS_APART,
        order__purchased_at__gte=group.hour,
        order__purchased_at__lt=group.hour + timedelta(hours=1),
    ).order_by("filed_at", "pk")


def newest_events(claim_ids: Iterable[int]) -> Mapping[int, int]:
    """Return the id of each claim's newest event. Call it before the claims are read."""
    events = Event.objects.filter(claim__in=list(claim_ids)).order_by()
    return dict(events.values_list("claim").annotate(newest=Max("pk")))


def with_their_state(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Return the claims with all rows that decide whether each can be decided, in two queries."""
    evidence = Evidence.objects.select_related("upload")
    return claims.select_related(
        "order__number",
        "order__customer",
        "order__policy_version",
        "decision__by",
        "approval__by",
        "assignee",
        "lease__holder",
    ).prefetch_related(Prefetch("evidence", evidence))


@dataclass
class Result:
    """The progress of an incident: its claims by state, and the credit that went back."""

    waiting: int = 0
    approved: int = 0
    left: int = 0
    returned: dict[str, Decimal] = field(default_factory=dict)
    """The credit that went back, by currency."""

    @property
    def total(self) -> int:
        return self.waiting + self.done

    @property
    def done(self) -> int:
        return self.approved + self.left


def results_of(incidents: Sequence[Incident]) -> dict[int, Result]:
    """Return the result of each incident by its id, in one query."""
    results = {incident.pk: Result() for incident in incidents}
    rows = (
        IncidentClaim.objects.filter(incident__in=incidents)
        .order_by()
        .values_list("incident", "state", "claim__order__currency")
        .annotate(items=Count("pk"), sum=Sum(refundable("claim__order__")))
    )
    for incident, state, currency, items, price in rows:
        result = results[incident]
        setattr(result, state, getattr(result, state) + items)
        if state == IncidentClaim.State.APPROVED:
            result.returned[currency] = price
    return results
