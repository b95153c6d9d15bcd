"""Rows of JSON Lines files: an object on each line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from decimal import Decimal

from claims.formats.fields import BadRow
from claims.formats.json_values import JsonValues
from claims.formats.order_reports import COLUMNS
from claims.management.row_files.files import Row, Warn
from claims.management.row_files.text_lines import Line

MOST_WARNINGS = 20


def read_objects(lines: Iterable[Line], warn: Warn) -> Iterator[Row]:
    known = set(COLUMNS)
    for number, text in lines:
        fields = text if isinstance(text, BadRow) else _fields(text)
        if not isinstance(fields, BadRow):
            unknown = [name for name in fields.values if name not in known]
            if unknown and len(known) < len(COLUMNS) + MOST_WARNINGS:
                warn(f"Ignored fields, from line {number} on: {', '.join(unknown)}.")
                known.update(unknown)
        yield number, fields


def _fields(text: str) -> JsonValues | BadRow:
    try:
        # Numbers stay as they are written: 2.50 is never a binary fraction.
        values = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError):
        return BadRow(["the line is not JSON"])
    if not isinstance(values, dict):
        return BadRow(["the line is not a JSON object"])
    nested = [name for name, value in values.items() if isinstance(value, (dict, list))]
    if nested:
        return BadRow([f"{name} must be a text" for name in nested])
    return JsonValues(values)
