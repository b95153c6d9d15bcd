from datetime import timedelta

from django import template

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86_400


@register.filter
def span(duration: timedelta | None) -> str:
    """A length of time in two units at most, such as `2 h 5 min`; a dash for none."""
    if duration is None:
        return "—"
    seconds = max(round(duration.total_seconds()), 0)
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE} min"
    return f"{seconds // DAY} d {seconds % DAY // HOUR} h"
