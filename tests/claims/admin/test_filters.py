from datetime import UTC, date, datetime

import pytest

from claims.admin.filters import filed_span
from tests.makers import make_claim, make_order

DAY = date(2028, 3, 1)


@pytest.mark.parametrize(
    ("word", "first", "end"),
    [
        ("today", date(2028, 3, 1), date(2028, 3, 2)),
        ("7-days", date(2028, 2, 24), date(2028, 3, 2)),
        ("30-days", date(2028, 2, 1), date(2028, 3, 2)),
        ("this-month", date(2028, 3, 1), date(2028, 3, 2)),
        ("last-month", date(2028, 2, 1), date(2028, 3, 1)),
    ],
)
def test_a_word_means_whole_days(word, first, end):
    assert filed_span(word, today=DAY) == (first, end)


@pytest.mark.parametrize("word", [None, "", "other"])
def test_another_word_means_any_day(word):
    assert filed_span(word, today=DAY) is None


def test_a_week_is_shown_and_older_claims_are_not(ann, sue, client, monkeypatch):
    bought = datetime(2028, 2, 23, 10, tzinfo=UTC)
    old = make_claim(
        make_order(ann, purchased_at=bought), now=datetime(2028, 2, 23, 23, tzinfo=UTC)
    )
    new = make_claim(make_order(ann, purchased_at=bought), now=datetime(2028, 2, 24, 1, tzinfo=UTC))
    monkeypatch.setattr("claims.admin.filters.timezone.localdate", lambda: DAY)
    client.force_login(sue)

    page = client.get("/admin/claims/claim/?status=all&filed=7-days").content.decode()

    assert new.code in page
    assert old.code not in page
