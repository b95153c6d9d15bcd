"""The countries of numbers, by the codes that shops and suppliers write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from claims.formats.folding import folded

# ISO 3166-1 leaves these to everybody's own use, so they name no country. XK is Kosovo's by custom.
NO_COUNTRY: Final = re.compile(r"AA|Q[M-Z]|X[A-JL-Z]|ZZ")
ALPHA_2: Final = re.compile(r"[A-Z]{2}")

ALIASES: Final[Mapping[str, str]] = {
    "uk": "GB",
    "england": "GB",
    "el": "GR",
    "usa": "US",
    "russia": "RU",
}
"""The codes of countries that the trade writes in another way, by their folded names."""


def country_in(sent: str) -> str:
    """Return the ISO 3166-1 alpha-2 code that was sent, in any case or as an alias, or ''."""
    name = folded(sent)
    code = ALIASES.get(name, name.upper())
    return code if ALPHA_2.fullmatch(code) and not NO_COUNTRY.fullmatch(code) else ""
