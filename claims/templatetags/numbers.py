"""Template filters for numbers, and for the service and the country of a phone number."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from claims.models.service import service_name
from claims.wording.amounts import money, signed
from claims.wording.country_names import country_name

register = template.Library()

REGIONAL_INDICATOR_A = 0x1F1E6

register.filter(money)
register.filter(service_name)
register.filter(signed)


@register.simple_tag
def flag(country: str) -> SafeString:
    """Return the flag of an ISO 3166-1 country, with its name for people who can't see it.

    An unknown country has none.
    """
    if not country:
        return SafeString("")
    letters = "".join(chr(REGIONAL_INDICATOR_A + ord(letter) - ord("A")) for letter in country)
    name = country_name(country)
    return format_html('<span role="img" aria-label="{}" title="{}">{}</span>', name, name, letters)


@register.filter
def megabytes(count: int) -> str:
    """Return a limit in bytes as devices count, in binary megabytes: `10 MB`."""
    return f"{count / 1024**2:g}\N{NO-BREAK SPACE}MB"


@register.filter
def minutes(seconds: float) -> str:
    """Return a limit in seconds as minutes: `3 minutes`."""
    count = seconds / 60
    # A fraction takes the plural.
    words = ngettext("%(count)s minute", "%(count)s minutes", int(count) if count % 1 == 0 else 2)
    return (words % {"count": f"{count:g}"}).replace(" ", "\N{NO-BREAK SPACE}")
