"""Values in JSON: true and false, numbers, and texts for everything else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from claims.formats.instant_texts import instant_in
from claims.formats.text_values import amount_in, flag_in


class JsonValues:
    """The fields of an object. Absent fields, null and "" are the same.

    A text may stand for a number or a boolean: "2.50", "true".
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self.values = values

    def has(self, name: str) -> bool:
        value = self.values.get(name)
        return value is not None and (not isinstance(value, str) or bool(value.strip()))

    def text(self, name: str) -> str:
        value = self.values.get(name, "")
        if isinstance(value, str):
            return value.strip()
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return str(value)
        raise ValueError("must be a text")

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        if isinstance(value, bool):
            return value
        if isinstance(value, str):
            return flag_in(value.strip())
        raise ValueError("must be true or false")

    def amount(self, name: str) -> Decimal:
        value = self.values.get(name)
        if isinstance(value, str):
            return amount_in(value.strip())
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
            return Decimal(str(value))
        raise ValueError("must be a number")

    def instant(self, name: str) -> datetime:
        value = self.values.get(name)
        return value if isinstance(value, datetime) else instant_in(self.text(name))
