from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from claims.formats.instant_texts import instant_in

BERLIN = ZoneInfo("Europe/Berlin")
TEN = datetime(2026, 11, 28, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-28T10:00:00Z",
        "2026-11-28t10:00:00z",
        "2026-11-28T10:00Z",
        "2026-11-28T12:00:00+02:00",
        "2026-11-28 10:00:00+00:00",
        "2026-11-28 10:00:00 +0000",
        "2026-11-28 10:00:00 UTC",
        "2026-11-28 10:00 GMT",
        "2026-11-28 6:00:00-04",
        "2026/11/28 10:00:00Z",
        "28.11.2026 10:00Z",
        "28.11.2026 12:00:00 +02:00",
        "28/11/2026 10:00Z",
        "11/28/2026 10:00Z",
        "20261128T100000Z",
    ],
)
def test_each_form_that_means_one_instant_is_read(text):
    assert instant_in(text) == TEN


@pytest.mark.parametrize("text", ["05.11.2026 10:00Z", "5.11.2026  10:00:00Z"])
def test_dots_put_the_day_before_the_month(text):
    assert instant_in(text) == datetime(2026, 11, 5, 10, tzinfo=UTC)


def test_a_day_and_a_month_of_the_same_number_are_no_riddle():
    assert instant_in("11/11/2026 10:00Z") == datetime(2026, 11, 11, 10, tzinfo=UTC)


@pytest.mark.parametrize("text", ["05/11/2026 10:00Z", "05-11-2026 10:00:00Z"])
def test_a_date_that_may_be_two_days_is_refused_with_both(text):
    with pytest.raises(ValueError) as refused:
        instant_in(text)

    assert str(refused.value) == (f"“{text}” may be 2026-11-05 or 2026-05-11. Write the year first")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-28T23:59:60Z", (2026, 11, 29)),
        ("2026-11-29T01:59:60+02:00", (2026, 11, 29)),
        ("2026-12-31T23:59:60Z", (2027, 1, 1)),
    ],
)
def test_second_60_is_the_next_second(text, day):
    assert instant_in(text) == datetime(*day, tzinfo=UTC)


def test_a_leap_second_keeps_its_fraction():
    assert instant_in("2026-12-31T23:59:60.5Z") == datetime(2027, 1, 1, 0, 0, 0, 500_000, UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-28T10:15:60Z",
        "2026-11-28T23:59:60+02:00",
        "2026-11-28T23:59:60",
        "2026-11-28T23:59:61Z",
        "2026-11-28T25:00:00Z",
        "2026-11-31T10:00:00Z",
        "31/31/2026 10:00Z",
        "2026-11-28T10:00:00+00:60",
        "2026-11-28T10:00:00+99:00",
        "0001-01-01T01:59:60+02:00",
        "9999-12-31T23:59:60Z",
        "11/28/2026 10:00 AM Z",
        "10:00Z",
    ],
)
def test_a_time_that_is_on_no_clock_is_refused(text):
    with pytest.raises(ValueError, match="is not a time such as"):
        instant_in(text)


def test_nanoseconds_are_cut_to_microseconds():
    text = "2026-11-28T09:00:00.123456789Z"

    assert instant_in(text) == datetime(2026, 11, 28, 9, 0, 0, 123_456, UTC)


def test_seconds_since_1970_are_refused_and_the_message_says_what_to_write():
    with pytest.raises(ValueError) as refused:
        instant_in("1764327600")

    assert str(refused.value) == (
        "“1764327600” looks like seconds since 1970, which are not taken. If they are, write"
        " 2025-11-28T11:00:00Z"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1764327600000", "looks like a count since 1970"),
        ("1764327600.25", "looks like seconds since 1970"),
        ("46354.416667", "looks like a spreadsheet's number of days"),
        ("46354", "looks like a spreadsheet's number of days"),
        ("2026-11-28 10:00:00", "has no offset from UTC"),
        ("28.11.2026 10:00", "has no offset from UTC"),
        ("2026-11-28", "has no offset from UTC"),
    ],
)
def test_a_time_of_unknown_unit_or_zone_is_refused(text, told):
    with pytest.raises(ValueError, match=told):
        instant_in(text)


@pytest.mark.parametrize(
    ("text", "hour"),
    [("28.11.2026 10:00", 9), ("2026-11-28 10:00:00", 9), ("2026-11-28T10:00:00Z", 10)],
)
def test_a_stated_zone_is_for_times_without_an_offset_alone(text, hour):
    assert instant_in(text, BERLIN) == datetime(2026, 11, 28, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-10-25 02:30", "2026-03-29 02:30:00"])
def test_a_time_that_comes_twice_or_never_in_the_stated_zone_is_refused(text):
    with pytest.raises(ValueError, match="comes twice or never in Europe/Berlin"):
        instant_in(text, BERLIN)


@pytest.mark.parametrize("text", ["2026-11-28", "0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_a_stated_zone_makes_no_instant_of_a_day_or_of_another_age(text):
    with pytest.raises(ValueError, match=r"has no offset from UTC|is not in this century"):
        instant_in(text, BERLIN)
