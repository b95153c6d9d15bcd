"""Instants: always aware, always UTC."""

from datetime import UTC, datetime


def as_utc(name: str, value: datetime) -> datetime:
    """`value` in UTC. Raises ValueError, naming the field, for anything but an aware datetime."""
    if not isinstance(value, datetime):
        raise ValueError(f"{name}: needs a datetime, not {value!r}")
    if value.utcoffset() is None:
        raise ValueError(f"{name}: needs a time zone, and {value.isoformat()} has none")
    return value.astimezone(UTC)
