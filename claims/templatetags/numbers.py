"""How numbers of every sort are shown, and the service and the country of a phone number."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from claims.wording.amounts import money, signed
from claims.wording.country_names import country_name
from claims.wording.service_names import service_name

register = template.Library()

REGIONAL_INDICATOR_A = 0x1F1E6

register.filter(money)
register.filter(service_name)
register.filter(signed)


@register.simple_tag
def flag(country: str) -> SafeString:
    """The flag of an ISO 3166-1 country, with the country's name for who can't see it."""
    letters = "".join(chr(REGIONAL_INDICATOR_A + ord(letter) - ord("A")) for letter in country)
    name = country_name(country)
    return format_html('<span role="img" aria-label="{}" title="{}">{}</span>', name, name, letters)


@register.filter
def megabytes(count: int) -> str:
    """A limit in bytes as people's devices count: binary, `10 MB`."""
    return f"{count / 1024**2:g}\N{NO-BREAK SPACE}MB"


@register.filter
def minutes(seconds: float) -> str:
    """A limit in seconds: `3 minutes`."""
    count = seconds / 60
    return f"{count:g}\N{NO-BREAK SPACE}minute{'' if count == 1 else 's'}"
