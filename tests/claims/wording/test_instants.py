from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from claims.wording import in_words

NOON = datetime(2026, 4, 1, 12, 30, tzinfo=UTC)


def test_an_instant_is_in_the_active_zone():
    assert in_words(NOON) == "1 April 2026, 12:30 UTC"
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert in_words(NOON) == "1 April 2026, 14:30 CEST"


def test_another_zone_can_be_named():
    assert in_words(NOON, ZoneInfo("Asia/Tokyo")) == "1 April 2026, 21:30 JST"
    assert in_words(NOON, ZoneInfo("America/Sao_Paulo")) == "1 April 2026, 09:30 -03"


def test_seconds_are_spelled_only_when_there_are_any():
    assert in_words(NOON.replace(second=9)) == "1 April 2026, 12:30:09 UTC"


def test_the_language_spells_its_own_months():
    with translation.override("de"):
        assert in_words(datetime(2026, 3, 1, 8, 5, tzinfo=UTC)) == "1. März 2026, 08:05 UTC"


def test_a_naive_instant_is_refused():
    with pytest.raises(ValueError, match="naive"):
        in_words(datetime(2026, 4, 1))
