"""Instants: always aware, always UTC, and spelled the same way in every message."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

# Not strftime("%B"), which follows the machine's locale.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_SPELLED = re.compile(
    rf"(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}}), (\d\d):(\d\d)(?::(\d\d))? UTC", re.ASCII
)


def as_utc(name: str, value: datetime) -> datetime:
    """`value` in UTC. Raises ValueError, naming the field, for anything but an aware datetime."""
    if not isinstance(value, datetime):
        raise ValueError(f"{name}: needs a datetime, not {value!r}")
    if value.utcoffset() is None:
        raise ValueError(f"{name}: needs a time zone, and {value.isoformat()} has none")
    return value.astimezone(UTC)


def in_words(instant: datetime) -> str:
    """`1 April 2026, 12:30 UTC`; seconds only when there are any."""
    utc = as_utc("instant", instant)
    clock = f"{utc:%H:%M:%S}" if utc.second else f"{utc:%H:%M}"
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}, {clock} UTC"


def respelled(text: str, spell: Callable[[datetime], str]) -> str:
    """The text with every instant that `in_words` has put into it spelled by `spell` instead."""
    return _SPELLED.sub(lambda found: spell(_instant(*found.groups("0"))), text)


def _instant(day: str, month: str, year: str, hour: str, minute: str, second: str) -> datetime:
    at = int(hour), int(minute), int(second)
    return datetime(int(year), _MONTHS.index(month) + 1, int(day), *at, tzinfo=UTC)
