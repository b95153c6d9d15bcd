"""Values that are written as texts, in the cells of a table or in JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from claims.formats import field_rules
from claims.formats.instant_texts import instant_in

AMOUNT: Final = re.compile(r"-?[0-9]+(\.[0-9]+)?")
# An amount with a decimal comma, and one with dots between its thousands, too.
COMMA_AMOUNT: Final = re.compile(r"-?([0-9]+|[1-9][0-9]{0,2}(\.[0-9]{3})+),[0-9]+")
# A mark with three digits after it, which may be of decimals or of thousands.
TWO_AMOUNTS: Final = re.compile(r"-?([1-9][0-9]{0,2})[.,]([0-9]{3})")
LINE_BREAK: Final = re.compile(r"\s*[\r\n]\s*")

FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("true", "1", "yes", "y", "ja", "j", "wahr"), True),
    **dict.fromkeys(("false", "0", "no", "n", "nein", "falsch"), False),
}


@dataclass(frozen=True, kw_only=True)
class Notation:
    """The way in which a file writes values that other files write in another way."""

    zone: ZoneInfo | None = None
    """The time zone of instants without an offset, which are refused without it."""
    has_decimal_commas: bool = False


PLAIN: Final = Notation()


class TextValues:
    """The cells of a row by column. An absent cell is empty; a line break is a space."""

    def __init__(self, texts: Mapping[str, str], notation: Notation = PLAIN) -> None:
        self.texts = texts
        self.notation = notation

    def has(self, name: str) -> bool:
        return bool(self.text(name))

    def text(self, name: str) -> str:
        return LINE_BREAK.sub(" ", self.texts.get(name, "").strip())

    def flag(self, name: str) -> bool:
        return flag_in(self.text(name))

    def amount(self, name: str) -> Decimal:
        text = self.text(name)
        return amount_in(_with_dot(text) if self.notation.has_decimal_commas else text)

    def instant(self, name: str) -> datetime:
        return instant_in(self.text(name), self.notation.zone)


def flag_in(text: str) -> bool:
    """Return the flag in a text: `true` or `false`, and as spreadsheets and people write it."""
    flag = FLAGS.get(field_rules.readable(text).casefold())
    if flag is None:
        raise ValueError(f"“{text}” is neither true nor false")
    return flag


def amount_in(text: str) -> Decimal:
    if not AMOUNT.fullmatch(field_rules.readable(text)):
        raise ValueError(f"“{text}” is not an amount such as 2.50")
    return Decimal(text)


def _with_dot(text: str) -> str:
    """Return an amount with a decimal dot, and any other text as it is."""
    if ambiguous := TWO_AMOUNTS.fullmatch(text):
        whole, rest = ambiguous.groups()
        raise ValueError(
            f"“{text}” may be {whole}{rest} or {whole} and a fraction. Write {whole}{rest},00, or"
            f" {whole},{rest}0"
        )
    return text.replace(".", "").replace(",", ".") if COMMA_AMOUNT.fullmatch(text) else text
