"""Template filter for lengths of time."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext as _

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86_400


@register.filter
def span(duration: timedelta | None) -> str:
    """Return a length of time in at most two units, such as `2 h 5 min`; a dash for None."""
    if duration is None:
        return "—"
    seconds = max(round(duration.total_seconds()), 0)
    if seconds < MINUTE:
        return _("%(seconds)s s") % {"seconds": seconds}
    if seconds < HOUR:
        return _("%(minutes)s min") % {"minutes": seconds // MINUTE}
    if seconds < DAY:
        return _("%(hours)s h %(minutes)s min") % {
            "hours": seconds // HOUR,
            "minutes": seconds % HOUR // MINUTE,
        }
    return _("%(days)s d %(hours)s h") % {
        "days": seconds // DAY,
        "hours": seconds % DAY // HOUR,
    }
