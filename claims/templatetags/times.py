"""Instants and what is left until them, in the zone of the person who looks."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

register = template.Library()

SOON = timedelta(hours=24)


@register.simple_tag
def moment(instant: datetime) -> SafeString:
    """`7 April 2026, 02:00` as a time element."""
    return format_html(
        '<time datetime="{}">{}</time>', instant.isoformat(), _written(instant, "j F Y, H:i")
    )


@register.simple_tag
def dated(text: str, params: Mapping[str, str], when: datetime | None) -> SafeString:
    """Return the text with its parameters, and with `when` as a time element for `%(when)s`."""
    parts = {name: conditional_escape(value) for name, value in params.items()}
    if when:
        parts["when"] = moment(when)
    return SafeString(conditional_escape(text) % parts)


@register.simple_tag
def countdown(instant: datetime, now: datetime, over: str = "Ended") -> SafeString:
    """`3 days 4 hours left, until 7 April 02:00`; when it is over, `Ended 7 April 02:00`.

    A script keeps it ticking. It gets the server's clock along, since a device's may be wrong.
    """
    left = instant - now
    tone = "over" if left <= timedelta(0) else "soon" if left < SOON else "ahead"
    return format_html(
        '<time class="countdown countdown--{}" datetime="{}" data-countdown="{}" data-over="{}">'
        "<span><span data-left>{}</span> {}</span></time>",
        tone,
        instant.isoformat(),
        now.isoformat(),
        over,
        over if tone == "over" else f"{time_left(left)} left, until",
        _written(instant, "j F H:i" if instant.year == now.year else "j F Y H:i"),
    )


def time_left(left: timedelta) -> str:
    """The two largest units that matter: `3 days 4 hours`, `4 hours 5 minutes`, `5 minutes`."""
    minutes = int(left.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _counted(days, "day") + (f" {_counted(hours, 'hour')}" if hours else "")
    if hours:
        return _counted(hours, "hour") + (f" {_counted(minutes, 'minute')}" if minutes else "")
    return _counted(minutes, "minute") if minutes else "less than a minute"


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _written(instant: datetime, pattern: str) -> str:
    return date_format(timezone.localtime(instant), pattern)
