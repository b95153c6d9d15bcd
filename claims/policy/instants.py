"""Instants: always aware, always UTC, and spelled the same way in every message."""

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
