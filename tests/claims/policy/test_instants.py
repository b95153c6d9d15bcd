from datetime import UTC, datetime, timedelta, timezone

import pytest

from claims.policy import in_words, respelled


def test_an_instant_is_spelled_in_utc():
    assert in_words(datetime(2026, 4, 1, 12, 30, tzinfo=UTC)) == "1 April 2026, 12:30 UTC"


def test_an_instant_of_another_zone_is_converted():
    tokyo = timezone(timedelta(hours=9))
    assert in_words(datetime(2027, 1, 1, 8, 5, tzinfo=tokyo)) == "31 December 2026, 23:05 UTC"


def test_seconds_are_spelled_only_when_there_are_any():
    assert in_words(datetime(2026, 4, 1, 12, 30, 9, tzinfo=UTC)) == "1 April 2026, 12:30:09 UTC"


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="needs a time zone"):
        in_words(datetime(2026, 4, 1))


@pytest.mark.parametrize("second", [0, 9])
@pytest.mark.parametrize("month", range(1, 13))
def test_what_was_spelled_is_found_and_spelled_anew(month, second):
    instant = datetime(2026, month, 7, 0, 5, second, tzinfo=UTC)
    text = f"Until {in_words(instant)}, or from {in_words(instant)} on."

    assert respelled(text, datetime.isoformat) == (
        f"Until {instant.isoformat()}, or from {instant.isoformat()} on."
    )


def test_a_text_without_instants_stays():
    assert respelled("On 31 February, at 12:00 UTC.", str) == "On 31 February, at 12:00 UTC."
