"""The names of countries, from CLDR."""

from functools import cache

from babel import Locale
from django.conf import settings
from django.utils.translation import get_language, to_locale


def country_name(country: str) -> str:
    """Return the name of an ISO 3166-1 alpha-2 code, or of XK, in the active language."""
    return _names(get_language() or settings.LANGUAGE_CODE).get(country, country)


@cache
def _names(language: str) -> dict[str, str]:
    return dict(Locale.parse(to_locale(language)).territories)
