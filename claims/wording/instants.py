"""Instants in words."""

from datetime import datetime, tzinfo

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import pgettext


def in_words(instant: datetime, zone: tzinfo | None = None) -> str:
    """Return `1 April 2026, 12:30 UTC`, with seconds only when there are any.

    The language is the active one; so is the time zone, unless `zone` names another. Raises
    `ValueError` for an instant without a time zone.
    """
    local = localtime(instant, zone)
    pattern = (
        pgettext("format of an instant", "j F Y, H:i:s")
        if local.second
        else pgettext("format of an instant", "j F Y, H:i")
    )
    return f"{date_format(local, pattern, use_l10n=False)} {local:%Z}"
