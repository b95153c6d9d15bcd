from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.policy import Terms, deadline, repair_deadline

INSTANTS = st.datetimes(
    min_value=datetime(2000, 1, 1), max_value=datetime(2090, 1, 1), timezones=st.just(UTC)
)
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"]
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_terms_without_arguments_are_the_policy_of_april_2026():
    terms = Terms()
    assert (terms.claim_days, terms.repair_days, terms.reason_min_length) == (5, 5, 20)
    assert (terms.time_zone, terms.version) == ("UTC", "2026-04-01")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("claim_days", 0),
        ("repair_days", -1),
        ("reason_min_length", 0),
        ("version", ""),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", ""),
        ("time_zone", "../etc/passwd"),
    ],
)
def test_impossible_terms_are_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"^{name}:"):
        Terms(**{name: value})


@pytest.mark.parametrize(
    ("purchased_at", "closes_at"),
    [
        ("2026-04-01T00:00:00+00:00", "2026-04-07T00:00:00+00:00"),
        ("2026-04-01T23:59:59.999999+00:00", "2026-04-07T00:00:00+00:00"),
        ("2026-04-02T00:00:00+00:00", "2026-04-08T00:00:00+00:00"),
        # The customer's own calendar says 2 April; the policy's zone says 1 April.
        ("2026-04-02T01:00:00+03:00", "2026-04-07T00:00:00+00:00"),
        ("2028-02-29T10:00:00+00:00", "2028-03-06T00:00:00+00:00"),
        ("2028-02-24T10:00:00+00:00", "2028-03-01T00:00:00+00:00"),
        ("2026-12-31T23:59:59+00:00", "2027-01-06T00:00:00+00:00"),
        ("2026-03-28T12:00:00+00:00", "2026-04-03T00:00:00+00:00"),
    ],
)
def test_window_closes_at_the_start_of_the_sixth_day(purchased_at, closes_at):
    closes = deadline(at(purchased_at), Terms())
    assert closes == at(closes_at)
    assert closes.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("zone", "purchased_at", "closes_at"),
    [
        # Clocks go forward on 29 March 2026: the window is an hour shorter than six UTC days.
        ("Europe/Berlin", "2026-03-26T23:00:00+00:00", "2026-04-01T22:00:00+00:00"),
        # Clocks go back on 25 October 2026.
        ("Europe/Berlin", "2026-10-22T22:00:00+00:00", "2026-10-28T23:00:00+00:00"),
        # 23:30 UTC is already the next day in Berlin.
        ("Europe/Berlin", "2026-06-01T23:30:00+00:00", "2026-06-07T22:00:00+00:00"),
        ("America/New_York", "2026-12-31T23:00:00+00:00", "2027-01-06T05:00:00+00:00"),
        ("Asia/Kathmandu", "2028-02-29T10:00:00+00:00", "2028-03-05T18:15:00+00:00"),
        # Midnight of 8 March 2026 does not exist in Havana: the day starts at 01:00.
        ("America/Havana", "2026-03-02T12:00:00+00:00", "2026-03-08T05:00:00+00:00"),
        # Midnight of 1 November 2026 comes twice in Havana: the day starts at the first.
        ("America/Havana", "2026-10-26T12:00:00+00:00", "2026-11-01T04:00:00+00:00"),
        # Samoa had no 30 December 2011: the next day that exists starts at the same instant.
        ("Pacific/Apia", "2011-12-24T12:00:00-10:00", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_window_follows_the_calendar_of_the_policys_zone(zone, purchased_at, closes_at):
    assert deadline(at(purchased_at), Terms(time_zone=zone)) == at(closes_at)


def test_window_has_as_many_days_as_the_terms_say():
    assert deadline(at("2026-04-01T12:00:00+00:00"), Terms(claim_days=14)) == at(
        "2026-04-16T00:00:00+00:00"
    )


@given(INSTANTS)
def test_window_in_utc_is_more_than_120_and_at_most_144_hours(purchased_at):
    window = deadline(purchased_at, Terms()) - purchased_at
    assert timedelta(hours=120) < window <= timedelta(hours=144)


@given(INSTANTS, ZONES)
def test_deadline_is_a_midnight_of_the_policys_zone(purchased_at, zone):
    local = deadline(purchased_at, Terms(time_zone=zone)).astimezone(ZoneInfo(zone))
    assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    assert (local.date() - purchased_at.astimezone(ZoneInfo(zone)).date()).days == 6


@given(INSTANTS, INSTANTS, ZONES)
def test_a_later_purchase_never_closes_earlier(one, other, zone):
    terms = Terms(time_zone=zone)
    earlier, later = sorted([one, other])
    assert deadline(earlier, terms) <= deadline(later, terms)


@given(INSTANTS, st.integers(min_value=-14 * 60, max_value=14 * 60))
def test_deadline_does_not_depend_on_how_the_instant_is_written(purchased_at, minutes):
    elsewhere = purchased_at.astimezone(timezone(timedelta(minutes=minutes)))
    assert deadline(elsewhere, Terms()) == deadline(purchased_at, Terms())


def test_deadline_refuses_a_naive_datetime():
    with pytest.raises(ValueError, match="purchased_at: needs a time zone"):
        deadline(datetime(2026, 4, 1), Terms())


def test_repair_time_runs_from_the_instant_of_the_filing():
    filed_at = at("2026-04-03T09:15:00+02:00")
    assert repair_deadline(filed_at, Terms()) == at("2026-04-08T07:15:00+00:00")
    assert repair_deadline(filed_at, Terms(repair_days=1)) == at("2026-04-04T07:15:00+00:00")


def test_repair_deadline_refuses_a_naive_datetime():
    with pytest.raises(ValueError, match="filed_at: needs a time zone"):
        repair_deadline(datetime(2026, 4, 1), Terms())
