"""Template tags for instants and the time left until them, in the reader's time zone."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

SOON = timedelta(hours=24)


@register.simple_tag
def moment(instant: datetime) -> SafeString:
    """Return a time element such as `7 April 2026, 02:00`."""
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
def countdown(instant: datetime, now: datetime, over: str = "") -> SafeString:
    """Return `3 days 4 hours left, until 7 April 02:00` or, after it, `Ended 7 April 02:00`.

    `over` replaces "Ended". The attributes let `countdown.js` keep it ticking by the server's
    clock and in the page's words, because a device's clock may be wrong.
    """
    over = over or _("Ended")
    ahead = _("%(time)s left, until")
    left = instant - now
    tone = "over" if left <= timedelta(0) else "soon" if left < SOON else "ahead"
    return format_html(
        '<time class="countdown countdown--{}" datetime="{}" data-countdown="{}" data-over="{}"'
        ' data-ahead="{}" data-last="{}">'
        "<span><span data-left>{}</span> {}</span></time>",
        tone,
        instant.isoformat(),
        now.isoformat(),
        over,
        ahead % {"time": "{time}"},
        _("less than a minute"),
        over if tone == "over" else ahead % {"time": time_left(left)},
        _written(instant, "j F H:i" if instant.year == now.year else "j F Y H:i"),
    )


def time_left(left: timedelta) -> str:
    """Return the two largest units, such as `3 days 4 hours`, `4 hours 5 minutes`, `5 minutes`."""
    minutes = int(left.total_seconds()) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return _days(days) + (f" {_hours(hours)}" if hours else "")
    if hours:
        return _hours(hours) + (f" {_minutes(minutes)}" if minutes else "")
    return _minutes(minutes) if minutes else _("less than a minute")


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def _hours(count: int) -> str:
    return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}


def _minutes(count: int) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}


def _written(instant: datetime, pattern: str) -> str:
    return date_format(timezone.localtime(instant), pattern)
