"""The rows of a file in any format that the import reads, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath
from typing import IO, Final, Literal
from zoneinfo import ZoneInfo

from claims.formats.fields import BadRow
from claims.formats.text_values import Notation
from claims.management.row_files.csv_records import Lines, read_header, read_records
from claims.management.row_files.files import BadFile, Row, Warn
from claims.management.row_files.json_rows import read_objects
from claims.management.row_files.kinds import is_workbook, refuse_other_kinds
from claims.management.row_files.tables import read_names, rows_of
from claims.management.row_files.text_lines import Line, read_lines
from claims.management.row_files.workbooks import read_sheet

Format = Literal["csv", "jsonl"]
SUFFIXES: Final[dict[str, Format]] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def read_rows(
    stream: IO[bytes], *, name: str, format_: Format | None, zone: ZoneInfo | None, warn: Warn
) -> Iterator[Row]:
    """Yield the rows of a file that can be read twice. Raises `BadFile`, before the first row.

    The first bytes tell a workbook; the given format, the name, or the first letter tell CSV from
    JSON Lines. `zone` is for times without an offset. Blank lines are skipped.
    """
    if is_workbook(stream):
        return _rows_of_workbook(stream, zone, warn)
    refuse_other_kinds(stream)
    lines = Lines(read_lines(stream, warn))
    first = next(iter(lines), None)
    if first is None:
        raise BadFile("The file is empty.")
    lines.put_back([first])
    told = format_ or SUFFIXES.get(PurePath(name).suffix.lower())
    is_json = told == "jsonl" or (told is None and _is_object(first))
    return read_objects(lines, warn) if is_json else _rows_of_csv(lines, zone, warn)


def _is_object(line: Line) -> bool:
    return not isinstance(line[1], BadRow) and line[1].lstrip().startswith("{")


def _rows_of_csv(lines: Lines, zone: ZoneInfo | None, warn: Warn) -> Iterator[Row]:
    separator, header = read_header(lines)
    names = read_names(header, warn)
    records = read_records(lines, separator, width=len(header))
    # Where a comma is the decimal mark, spreadsheets separate cells by semicolons.
    return rows_of(records, names, Notation(zone=zone, has_decimal_commas=separator == ";"))


def _rows_of_workbook(stream: IO[bytes], zone: ZoneInfo | None, warn: Warn) -> Iterator[Row]:
    records = read_sheet(stream, warn)
    _, header = next(records, (0, list[str]()))
    if isinstance(header, BadRow):
        raise BadFile(f"The first row is not a header: {header}.")
    names = read_names(header, warn)
    padded = (
        (row, cells if isinstance(cells, BadRow) else cells + [""] * (len(names) - len(cells)))
        for row, cells in records
    )
    return rows_of(padded, names, Notation(zone=zone))
