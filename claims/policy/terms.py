"""The numbers of a policy version, and the two deadlines that follow from them."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from claims.policy.instants import as_utc


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The numbers of one policy version. The defaults are the policy of 1 April 2026.

    Raises ValueError for a number below 1, an unknown time zone or an empty version.
    """

    claim_days: int = 5
    """Whole calendar days after the purchase date in which a claim can be filed."""
    repair_days: int = 5
    """Days, from the filing, in which the shop may resolve a major defect."""
    time_zone: str = "UTC"
    """The IANA zone whose calendar gives an order its purchase date."""
    reason_min_length: int = 20
    """Characters of a reason, counted after `readable`."""
    version: str = "2026-04-01"
    """The version of the terms' text that a customer accepts."""

    def __post_init__(self) -> None:
        for name in ("claim_days", "repair_days", "reason_min_length"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}: must be at least 1, not {getattr(self, name)}")
        if not self.version:
            raise ValueError("version: the terms' text needs a version")
        _zone(self.time_zone)


def deadline(purchased_at: datetime, terms: Terms) -> datetime:
    """Return the first instant, in UTC, at which a claim is late.

    It is the start of the day after the last claim day, counted on the calendar of the policy's
    zone, so days of 23 or 25 hours count as days. `fold=0` picks the right instant for a midnight
    that happens twice (the first) or never (the moment the clocks jump).
    """
    zone = _zone(terms.time_zone)
    purchase_date = as_utc("purchased_at", purchased_at).astimezone(zone).date()
    first_late_date = purchase_date + timedelta(days=terms.claim_days + 1)
    return datetime.combine(first_late_date, time.min, tzinfo=zone).astimezone(UTC)


def repair_deadline(filed_at: datetime, terms: Terms) -> datetime:
    """Return the instant, in UTC, at which the shop's time to resolve a major defect ends.

    It runs from the instant of the filing, in days of 24 hours, and is never paused.
    """
    return as_utc("filed_at", filed_at) + timedelta(days=terms.repair_days)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"time_zone: {name!r} is not a known time zone") from error
