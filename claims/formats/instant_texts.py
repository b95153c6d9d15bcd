"""Instants that are written as texts: ISO 8601, RFC 3339, and the forms of spreadsheets.

A form is read only if it can mean one instant alone. docs/import.md lists the forms.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from claims.formats import field_rules

# The present has 10 digits in seconds, 13, 16 or 19 in the thousandths of them that clocks count.
SINCE_1970: Final = re.compile(r"([0-9]{9,10}|[0-9]{13}|[0-9]{16}|[0-9]{19})(\.[0-9]*)?")
DIGITS_OF_SECONDS: Final = 10
# A spreadsheet counts days from 1900, and stores an instant as such a number.
DAY_NUMBER: Final = re.compile(r"[0-9]{5}([.,][0-9]*)?")
WRITTEN: Final = re.compile(
    r"(?:(?P<year>[0-9]{4})(?P<mark>[-/.])(?P<month>[0-9]{1,2})(?P=mark)(?P<day>[0-9]{1,2})"
    r"|(?P<left>[0-9]{1,2})(?P<sign>[-/.])(?P<right>[0-9]{1,2})(?P=sign)(?P<last>[0-9]{4}))"
    r"(?:[Tt]| +)"
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r" ?(?P<offset>[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
LAST_MONTH: Final = 12
LEAP_SECOND: Final = 60
UTC_NAMES: Final = ("Z", "UTC", "GMT")


def instant_in(text: str, zone: ZoneInfo | None = None) -> datetime:
    """Return the instant in UTC, checked by `field_rules.instant`. Raises `ValueError`.

    `zone` is the zone of texts without an offset. A second 60, which RFC 3339 has for leap seconds,
    is the next second. Digits after the microseconds are cut off.
    """
    field_rules.readable(text)
    _refuse_numbers(text)
    written = WRITTEN.fullmatch(text)
    if written and not written["year"]:
        _refuse_two_days(written)
    try:
        instant = _instant(written) if written else datetime.fromisoformat(text)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"“{text}” is not a time such as 2026-04-01T12:30:00+00:00") from error
    try:
        return field_rules.instant(_placed(instant, zone) if written and zone else instant)
    except ValueError as error:
        raise ValueError(f"“{text}” {error}") from error


def _refuse_numbers(text: str) -> None:
    """Refuse counts of seconds and days: their unit and their zone are anybody's guess."""
    since = SINCE_1970.fullmatch(text)
    if since and len(since[1]) <= DIGITS_OF_SECONDS:
        guess = datetime.fromtimestamp(int(since[1]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        raise ValueError(
            f"“{text}” looks like seconds since 1970, which are not taken. If they are,"
            f" write {guess}"
        )
    if since:
        raise ValueError(
            f"“{text}” looks like a count since 1970, which is not taken. Write the time like"
            " 2026-04-01T12:30:00+00:00"
        )
    if DAY_NUMBER.fullmatch(text):
        raise ValueError(
            f"“{text}” looks like a spreadsheet's number of days, which is not taken. Make the"
            " cell a text like 2026-04-01T12:30:00+00:00"
        )


def _refuse_two_days(written: re.Match[str]) -> None:
    """Refuse a date that Europe and America read as two days, such as 05/11/2026."""
    left, right, year = int(written["left"]), int(written["right"]), written["last"]
    if written["sign"] != "." and left != right and max(left, right) <= LAST_MONTH:
        raise ValueError(
            f"“{written[0]}” may be {year}-{right:02}-{left:02} or {year}-{left:02}-{right:02}."
            " Write the year first"
        )


def _instant(written: re.Match[str]) -> datetime:
    """Return the time, which has no zone if the text has no offset."""
    second = int(written["second"] or 0)
    fraction = (written["fraction"] or "")[:6].ljust(6, "0")
    time = datetime(
        *_date(written),
        hour=int(written["hour"]),
        minute=int(written["minute"]),
        second=LEAP_SECOND - 1 if second == LEAP_SECOND else second,
        microsecond=int(fraction),
        tzinfo=_offset(written["offset"]),
    )
    return _next_second(time) if second == LEAP_SECOND else time


def _date(written: re.Match[str]) -> tuple[int, int, int]:
    """Return year, month and day. Dots and a first number above 12 put the day before the month."""
    if written["year"]:
        return int(written["year"]), int(written["month"]), int(written["day"])
    left, right, year = int(written["left"]), int(written["right"]), int(written["last"])
    if written["sign"] == "." or left > LAST_MONTH:
        return year, right, left
    return year, left, right


def _offset(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text.upper() in UTC_NAMES:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    if int(digits[2:]) >= 60:
        raise ValueError("an hour has 60 minutes")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _next_second(last: datetime) -> datetime:
    """Return the second after 23:59:59 UTC, after which alone a leap second comes."""
    if last.tzinfo is None or (last.astimezone(UTC).hour, last.minute) != (23, 59):
        raise ValueError("a leap second is the last of a day in UTC")
    return last + timedelta(seconds=1)


def _placed(time: datetime, zone: ZoneInfo) -> datetime:
    """Return a time without an offset as it is in the zone; one with an offset stays as it is."""
    if time.tzinfo or not 2000 <= time.year < 2200:
        return time
    placed = time.replace(tzinfo=zone)
    if placed.utcoffset() != placed.replace(fold=1).utcoffset():
        raise ValueError(f"comes twice or never in {zone}, where clocks change. Add an offset")
    return placed
