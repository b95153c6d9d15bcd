"""Values that are written as texts, in the cells of a CSV file or in JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from claims.formats import field_rules

AMOUNT: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")


class TextValues:
    """The cells of a row by column. An absent cell is empty."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def has(self, name: str) -> bool:
        return bool(self.text(name))

    def text(self, name: str) -> str:
        return self.texts.get(name, "").strip()

    def flag(self, name: str) -> bool:
        return flag_in(self.text(name))

    def amount(self, name: str) -> Decimal:
        return amount_in(self.text(name))

    def instant(self, name: str) -> datetime:
        return instant_in(self.text(name))


def flag_in(text: str) -> bool:
    if field_rules.readable(text) not in ("true", "false"):
        raise ValueError(f"“{text}” is neither true nor false")
    return text == "true"


def amount_in(text: str) -> Decimal:
    if not AMOUNT.fullmatch(field_rules.readable(text)):
        raise ValueError(f"“{text}” is not an amount such as 2.50")
    return Decimal(text)


def instant_in(text: str) -> datetime:
    """Return the instant in UTC, checked by `field_rules.instant`. Raises `ValueError`."""
    field_rules.readable(text)
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"“{text}” is not a time such as 2026-04-01T12:30:00+00:00") from error
    try:
        return field_rules.instant(instant)
    except ValueError as error:
        raise ValueError(f"“{text}” {error}") from error
