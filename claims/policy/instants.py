"""Instants, which the policy keeps aware and in UTC."""

from datetime import UTC, datetime


def as_utc(name: str, value: datetime) -> datetime:
    """Return `value` in UTC. Raises ValueError, with the field's name, unless it is aware."""
    if not isinstance(value, datetime):
        raise ValueError(f"{name}: needs a datetime, not {value!r}")
    if value.utcoffset() is None:
        raise ValueError(f"{name}: needs a time zone, and {value.isoformat()} has none")
    return value.astimezone(UTC)
