"""Rows with odd times, as the shop's own test file has them."""

from datetime import UTC, datetime

import pytest

from claims.formats.fields import BadRow
from claims.formats.order_reports import read_report
from claims.formats.text_values import TextValues

NOW = datetime(2026, 11, 30, tzinfo=UTC)
ROW = {
    "customer_email": "ann@example.com",
    "customer_name": "Ann",
    "product": "number",
    "service": "viber",
    "country": "DE",
    "price": "1.00",
    "currency": "EUR",
    "channel": "web",
    "allotted_until": "2026-11-29T00:20:00Z",
    "activation": "completed",
    "sms_received_at": "2026-11-29T00:02:00Z",
    "completed_at": "2026-11-29T00:03:00Z",
    "updated_at": "2026-11-29T00:03:00Z",
}


def read(**changes):
    return read_report(TextValues(ROW | changes), line=2, now=NOW)


def test_ls_1_is_bought_in_the_second_after_its_leap_second():
    report = read(order_id="LS-1", phone="+4915112340006", purchased_at="2026-11-28T23:59:60Z")

    assert report.purchased_at == datetime(2026, 11, 29, tzinfo=UTC)


def test_dst_1_lasts_an_hour_while_the_clocks_go_back():
    report = read(
        order_id="DST-1",
        phone="+4915112340007",
        purchased_at="2026-10-25T02:30:00+02:00",
        allotted_until="2026-10-25T02:30:00+01:00",
        sms_received_at="2026-10-25T02:10:00+01:00",
        completed_at="2026-10-25T02:20:00+01:00",
        updated_at="2026-10-25T02:20:00+01:00",
    )

    assert report.purchased_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert report.sms_received_at == datetime(2026, 10, 25, 1, 10, tzinfo=UTC)
    assert report.completed_at == datetime(2026, 10, 25, 1, 20, tzinfo=UTC)
    assert report.allotted_until == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_ms_1_is_refused_and_told_that_it_counts_seconds():
    with pytest.raises(BadRow) as bad:
        read(order_id="MS-1", phone="+4915112340008", purchased_at="1764327600")

    (told,) = bad.value.reasons
    assert told == (
        "purchased_at “1764327600” looks like seconds since 1970, which are not taken. If they"
        " are, write 2025-11-28T11:00:00Z"
    )


def test_5s_1_is_cut_to_microseconds():
    report = read(
        order_id="5S-1", phone="+4915112340009", purchased_at="2026-11-28T09:00:00.123456789Z"
    )

    assert report.purchased_at == datetime(2026, 11, 28, 9, 0, 0, 123_456, UTC)
