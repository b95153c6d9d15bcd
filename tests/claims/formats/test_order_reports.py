from decimal import Decimal

import pytest

from claims.formats.fields import BadRow
from claims.formats.order_reports import read_report
from claims.formats.text_values import TextValues
from tests.claims.actions.orders.reports import NOON, NOW, NUMBER, TOP_UP, minutes


def read_row(row):
    return read_report(TextValues(row), line=3, now=NOW)


def reasons(row=NUMBER, **changes):
    with pytest.raises(BadRow) as bad:
        read_row(row | changes)
    return bad.value.reasons


def test_a_row_makes_a_report_in_utc():
    report = read_row(NUMBER | {"purchased_at": "2026-04-01T14:00:00+02:00"})

    assert (report.line, report.order_id, report.price) == (3, "N-1", Decimal("2.50"))
    assert (report.purchased_at, report.allotted_until) == (NOON, minutes(20))
    assert report.two_factor
    assert report.completed_at is None


def test_a_row_is_read_as_people_write_it():
    typed = {"phone": " +49 151 12345678 ", "customer_email": "ANN@example.com", "price": "3"}

    report = read_row(NUMBER | typed)

    assert (report.phone, report.customer_email) == ("+4915112345678", "ann@example.com")
    assert str(report.price) == "3.00"


def test_a_shop_whose_clock_is_a_little_ahead_is_believed():
    row = NUMBER | {"updated_at": "2026-04-20T00:05:00Z"}

    assert read_row(row).updated_at > NOW
    assert reasons(updated_at="2026-04-20T00:05:00.000001Z") == ["updated_at is in the future"]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("order_id", "", "is missing"),
        ("order_id", "N 1", "“N 1” is not an order id of letters, digits, dots, - and _"),
        ("order_id", "N" * 65, "is longer than 64 characters"),
        (
            "customer_email",
            "ann",
            (
                "“ann” is not an email address; leave it empty for a customer"
                " without one, and give customer_id"
            ),
        ),
        ("customer_name", "A" * 81, "is longer than 80 characters"),
        ("product", "gift", "“gift” is not one of number, top_up"),
        ("channel", "shop", "“shop” is not one of web, api"),
        ("price", "-2.50", "“-2.50” is not an amount such as 2.50"),
        ("price", "2.505", "“2.505” has more decimals than EUR, which has 2"),
        ("price", "2,50", "“2,50” is not an amount such as 2.50"),
        ("price", "NaN", "“NaN” is not an amount such as 2.50"),
        ("price", "1e3", "“1e3” is not an amount such as 2.50"),
        ("price", "12345678901", "“12345678901” is not an amount such as 2.50"),
        (
            "currency",
            "eur",
            "“eur” is neither a currency of ISO 4217, such as EUR, nor in CURRENCY_DIGITS",
        ),
        (
            "purchased_at",
            "2026-04-01T12:00:00",
            "“2026-04-01T12:00:00” has no offset from UTC, such as Z or +02:00",
        ),
        (
            "purchased_at",
            "yesterday",
            "“yesterday” is not a time such as 2026-04-01T12:30:00+00:00",
        ),
        (
            "purchased_at",
            "0001-01-01T00:00:00Z",
            "“0001-01-01T00:00:00Z” is not in this century or the next",
        ),
        ("updated_at", "", "is missing"),
        ("updated_at", "2100-01-01T00:00:00Z", "is in the future"),
        ("purchased_at", "2026-04-01T12:00:01Z", "must not be after updated_at"),
        ("phone", "", "is missing"),
        ("service", "", "is missing"),
        ("country", "", "is missing"),
        ("two_factor", "maybe", "“maybe” is neither true nor false"),
        (
            "activation",
            "lost",
            "“lost” is not one of waiting, sms_received, completed, cancelled, timed_out, banned",
        ),
        ("allotted_until", "2026-04-01T12:00:00Z", "must be after purchased_at"),
        ("sms_received_at", "2026-04-01T11:59:00Z", "must not be before purchased_at"),
        ("sms_received_at", "2026-04-01T12:01:00Z", "must not be after updated_at"),
        ("completed_at", "2026-04-01T12:01:00Z", "must not be after updated_at"),
        ("customer_name", "An\x00n", "holds control characters, or bytes that are not UTF-8"),
    ],
)
def test_a_bad_row_is_told_with_its_reason(field, value, told):
    assert reasons(**{field: value}) == [f"{field} {told}"]


@pytest.mark.parametrize(
    ("activation", "missing"),
    [("sms_received", "sms_received_at"), ("completed", "completed_at")],
)
def test_what_has_happened_has_a_time(activation, missing):
    assert reasons(activation=activation) == [f"{missing} is missing"]


def test_every_reason_of_a_bad_row_is_told_at_once():
    told = reasons(
        price="-1",
        two_factor="maybe",
        sms_received_at="2026-04-01T11:00:00Z",
        updated_at="2100-01-01T00:00:00Z",
    )

    assert told == [
        "two_factor “maybe” is neither true nor false",
        "price “-1” is not an amount such as 2.50",
        "sms_received_at must not be before purchased_at",
        "updated_at is in the future",
    ]


@pytest.mark.parametrize(
    ("field", "sent", "kept"),
    [
        ("service", "Tele gram", {"service": "", "service_sent": "Tele gram"}),
        ("service", "x" * 500, {"service": "", "service_sent": "x" * 80}),
        ("country", "uk", {"country": "GB", "country_sent": "uk"}),
        ("country", "XX", {"country": "", "country_sent": "XX"}),
        ("phone", "123", {"phone": "", "phone_sent": "123"}),
        ("phone", "004915112345678", {"phone": "+4915112345678"}),
        ("supplier", "north \t " + "n" * 500, {"supplier": "north " + "n" * 34}),
    ],
)
def test_a_name_that_nobody_knows_refuses_no_order(field, sent, kept):
    report = read_row(NUMBER | {field: sent})

    assert {name: getattr(report, name) for name in kept} == kept


def test_a_top_up_has_nothing_of_a_number():
    assert reasons(NUMBER | {"product": "top_up"}) == [
        "service must be empty for a top-up",
        "country must be empty for a top-up",
        "phone must be empty for a top-up",
        "allotted_until must be empty for a top-up",
        "activation must be empty for a top-up",
        "supplier must be empty for a top-up",
        "two_factor must be false for a top-up",
    ]


def test_a_top_up_needs_nothing_of_a_number():
    report = read_row(TOP_UP)

    assert (report.product, report.phone, report.allotted_until) == ("top_up", "", None)
