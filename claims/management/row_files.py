"""Readers of CSV and JSON Lines files, line by line, in constant memory."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import PurePath
from typing import BinaryIO, Literal

from claims.formats.fields import BadRow, Values
from claims.formats.json_values import JsonValues
from claims.formats.order_reports import COLUMNS, REQUIRED
from claims.formats.text_values import TextValues

Format = Literal["csv", "jsonl"]
Warn = Callable[[str], None]
# A line number with the values of its row, or with the reasons why the line is no row.
Row = tuple[int, Values | BadRow]
SUFFIXES: dict[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
LONGEST_LINE = 64 * 1024
MOST_WARNINGS = 20


class BadFile(Exception):
    """The whole file is unreadable."""


def read_rows(stream: BinaryIO, *, name: str, format_: Format | None, warn: Warn) -> Iterator[Row]:
    """Yield the rows of a file in the given format, or guess it from the name or the first byte.

    Skips blank lines. Raises `BadFile`.
    """
    lines = (line for line in _lines(stream) if line[1] is None or line[1].strip())
    first = next(lines, None)
    if first is None:
        raise BadFile("The file is empty.")
    told = format_ or SUFFIXES.get(PurePath(name).suffix.lower())
    is_json = told == "jsonl" or (told is None and (first[1] or "").lstrip().startswith("{"))
    reader = _json_rows if is_json else _csv_rows
    return reader(chain([first], lines), warn)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, str | None]]:
    """Yield line numbers with the text, or with None for a line longer than `LONGEST_LINE`."""
    number = 0
    while raw := stream.readline(LONGEST_LINE):
        number += 1
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            _skip_to_the_next_line(stream)
            yield number, None
            continue
        # Bytes that aren't UTF-8 become surrogates, which every field refuses: a bad row, no crash.
        text = raw.decode("utf-8", "surrogateescape")
        yield number, text.removeprefix("\ufeff") if number == 1 else text


def _skip_to_the_next_line(stream: BinaryIO) -> None:
    while (raw := stream.readline(LONGEST_LINE)) and not raw.endswith(b"\n"):
        pass


def _too_long() -> BadRow:
    return BadRow([f"the line is longer than {LONGEST_LINE} bytes"])


def _csv_rows(lines: Iterable[tuple[int, str | None]], warn: Warn) -> Iterator[Row]:
    """Read each line as one record, because no field holds a line break.

    An unclosed quote therefore spoils only its own line.
    """
    remaining = iter(lines)
    _, text = next(remaining)
    header = _header(text, warn)
    return ((number, _csv_fields(header, text)) for number, text in remaining)


def _header(text: str | None, warn: Warn) -> list[str]:
    try:
        header = [name.strip() for name in _cells(text or "")]
    except csv.Error as error:
        raise BadFile(f"The first line is not a CSV header: {error}.") from error
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated:
        raise BadFile(f"The header names a column twice: {', '.join(repeated)}.")
    missing = [name for name in COLUMNS if name in REQUIRED and name not in header]
    if missing:
        raise BadFile(f"The header lacks: {', '.join(missing)}.")
    unknown = [name for name in header if name not in COLUMNS]
    if unknown:
        warn(f"Ignored columns: {', '.join(unknown)}.")
    return header


def _csv_fields(header: Sequence[str], text: str | None) -> TextValues | BadRow:
    if text is None:
        return _too_long()
    try:
        cells = _cells(text)
    except csv.Error as error:
        return BadRow([f"the line is not CSV: {error}"])
    if len(cells) != len(header):
        return BadRow([f"the line has {len(cells)} cells, the header has {len(header)}"])
    return TextValues(dict(zip(header, cells, strict=True)))


def _cells(text: str) -> list[str]:
    return next(csv.reader([text.rstrip("\r\n")], strict=True), [])


def _json_rows(lines: Iterable[tuple[int, str | None]], warn: Warn) -> Iterator[Row]:
    known = set(COLUMNS)
    for number, text in lines:
        fields = _json_fields(text)
        if not isinstance(fields, BadRow):
            unknown = [name for name in fields.values if name not in known]
            if unknown and len(known) < len(COLUMNS) + MOST_WARNINGS:
                warn(f"Ignored fields, from line {number} on: {', '.join(unknown)}.")
                known.update(unknown)
        yield number, fields


def _json_fields(text: str | None) -> JsonValues | BadRow:
    if text is None:
        return _too_long()
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
