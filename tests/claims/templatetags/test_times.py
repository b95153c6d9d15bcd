from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from claims.templatetags.times import countdown, dated, moment, time_left

NOW = datetime(2026, 4, 3, 19, 56, tzinfo=UTC)
DEADLINE = datetime(2026, 4, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(days=3, hours=4), "3 days 4 hours"),
        (timedelta(days=1), "1 day"),
        (timedelta(hours=1, minutes=1), "1 hour 1 minute"),
        (timedelta(hours=2), "2 hours"),
        (timedelta(minutes=5, seconds=59), "5 minutes"),
        (timedelta(seconds=59), "less than a minute"),
    ],
)
def test_time_left_names_its_two_largest_units(left, words):
    assert time_left(left) == words


def test_a_countdown_is_in_the_zone_of_the_person():
    with timezone.override(ZoneInfo("Europe/Berlin")):
        shown = countdown(DEADLINE, NOW)

    assert "3 days 4 hours left, until</span> 7 April 02:00</span>" in shown
    assert 'datetime="2026-04-07T00:00:00+00:00"' in shown
    assert 'data-countdown="2026-04-03T19:56:00+00:00"' in shown


@pytest.mark.parametrize(
    ("now", "tone"),
    [
        (DEADLINE - timedelta(hours=24), "ahead"),
        (DEADLINE - timedelta(hours=23, minutes=59), "soon"),
        (DEADLINE - timedelta(microseconds=1), "soon"),
        (DEADLINE, "over"),
    ],
)
def test_a_countdown_is_soon_on_the_last_day_and_over_at_the_deadline(now, tone):
    assert f"countdown--{tone}" in countdown(DEADLINE, now)


def test_a_countdown_to_another_year_names_it():
    assert "1 January 2027 00:00" in countdown(datetime(2027, 1, 1, tzinfo=UTC), NOW)


def test_a_moment_is_a_time_element():
    assert moment(DEADLINE) == (
        '<time datetime="2026-04-07T00:00:00+00:00">7 April 2026, 00:00</time>'
    )


def test_a_sentence_with_an_instant_keeps_its_time_element_and_escapes_the_rest():
    told = dated("Order %(order_id)s & more, since %(when)s.", {"order_id": "<N-1>"}, DEADLINE)

    assert told == f"Order &lt;N-1&gt; &amp; more, since {moment(DEADLINE)}."


def test_a_sentence_without_an_instant_needs_none():
    assert dated("Nothing came.", {}, None) == "Nothing came."
