"""Reads rows out of bytes, as the import reads them out of a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from tempfile import TemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

from claims.formats.fields import BadRow, Values
from claims.formats.order_reports import COLUMNS
from claims.management.row_files.reading import Format, read_rows


def read(
    content: bytes,
    *,
    name: str = "orders",
    format_: Format | None = None,
    zone: ZoneInfo | None = None,
) -> tuple[list[tuple[int, Values | BadRow]], list[str]]:
    """Return the rows with their line numbers, and the warnings."""
    warnings: list[str] = []
    with TemporaryFile() as file:
        file.write(content)
        file.seek(0)
        rows = read_rows(file, name=name, format_=format_, zone=zone, warn=warnings.append)
        return list(rows), warnings


def texts(rows: Iterable[tuple[int, Any]], *names: str) -> list[tuple[Any, ...]]:
    """Return the line and these cells of each row, or the reasons of a bad one."""
    return [
        (line, *row.reasons) if isinstance(row, BadRow) else (line, *map(row.text, names))
        for line, row in rows
    ]


def table(*rows: Mapping[str, str], separator: str = ",") -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()
