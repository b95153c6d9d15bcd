"""Badges, durations and instants as all admin pages show them."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from html import escape
from typing import assert_never

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from claims.models import Claim


def status_tone(status: Claim.Status) -> str:
    match status:
        case Claim.Status.SUBMITTED:
            return "info"
        case Claim.Status.WAITING_CUSTOMER | Claim.Status.REPAIRING | Claim.Status.OFFERED:
            return "warn"
        case Claim.Status.REFUNDED | Claim.Status.REPLACED | Claim.Status.REPAIRED:
            return "good"
        case Claim.Status.REJECTED:
            return "bad"
        case Claim.Status.WITHDRAWN:
            return ""
        case _:
            assert_never(status)


@lru_cache(maxsize=256)
def badge(text: str, tone: str = "") -> SafeString:
    if not tone:
        return format_html('<span class="badge">{}</span>', text)
    return format_html('<span class="badge badge--{}">{}</span>', tone, text)


def markup(template: str, *parts: object, **named: object) -> SafeString:
    """Format plain texts as `format_html` does, without a search for lazy ones.

    A row has fifteen of them, and that search takes longer than all the rest of the row.
    """
    words = {name: _escaped(part) for name, part in named.items()}
    return SafeString(template.format(*map(_escaped, parts), **words))


def _escaped(part: object) -> str:
    return part if isinstance(part, SafeString) else escape(str(part))


def in_short(span: timedelta) -> str:
    """Return `3 d 4 h`, `5 h` or `12 min`: the symbols are the same in every language."""
    minutes = max(0, int(span.total_seconds())) // 60
    days, hours = minutes // 1440, minutes // 60 % 24
    if days >= 10:
        return f"{days} d"
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h" if hours else f"{minutes} min"


def in_full(instant: datetime) -> str:
    """Return `7 Apr 2026, 02:00`, in the viewer's own zone."""
    return f"{localtime(instant):%-d %b %Y, %H:%M}"


@lru_cache(maxsize=4096)
def named(column: str, value: str, language: str | None) -> SafeString:
    """Return a service's name in its own spelling, or the flag of a country with its name.

    `language` is the active language, which is a part of the cache key.
    """
    return render_to_string(f"admin/claims/claim/queue_{column}.html", {"value": value})
