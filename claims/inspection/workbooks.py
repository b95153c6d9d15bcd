"""The first visible sheet of a workbook (.xlsx) as lines of JSON, made in a confined child.

A hostile workbook can unpack to any size, so only the child reads it, within its limits.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

Cell = str | float | bool | object

ROWS: Final = "rows"
"""The file that the child writes: for each row that isn't empty its number and its cells."""

MOST_UNPACKED: Final = 1024 * 1024 * 1024
MOST_DIGITS: Final = 15
"""Spreadsheets keep no more digits of a number."""
CHUNK: Final = 1024 * 1024
ERROR_CELL: Final = b' t="e"'
DOCUMENT_TYPE: Final = b"<!DOCTYPE"
"""The beginning of a declaration of entities, which no spreadsheet program writes."""


class WorkbookProblem(StrEnum):
    """The reason why there are no rows."""

    DAMAGED = "damaged"
    PROTECTED = "protected"
    TOO_LARGE = "too_large"
    NO_SHEET = "no_sheet"
    BINARY_WORKBOOK = "binary_workbook"
    OPEN_DOCUMENT = "open_document"
    OTHER_DOCUMENT = "other_document"
    ZIP = "zip"
    DOCUMENT_TYPE = "document_type"


class _NoRows(Exception):
    def __init__(self, problem: WorkbookProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def convert() -> None:
    """Write the rows of the workbook on standard input, print the answer, and end the process.

    The answer has the problem or '', the names of the sheets, the one that was read first, and
    whether cells hold errors such as #N/A, which are read as empty.
    """
    with open(0, "rb", closefd=False) as source:
        source.seek(0)
        answer = _attempt(source)
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)


def _attempt(source: BufferedReader) -> dict[str, object]:
    try:
        return _write_rows(source)
    except _NoRows as failure:
        return {"problem": failure.problem}
    except PasswordError:
        return {"problem": WorkbookProblem.PROTECTED}
    except MemoryError:
        return {"problem": WorkbookProblem.TOO_LARGE}
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        return {"problem": WorkbookProblem.TOO_LARGE}
    except BaseException as error:  # noqa: BLE001  # a panic of the reader is no Exception
        sys.stderr.write(f"{type(error).__name__}: {error}")
        return {"problem": WorkbookProblem.DAMAGED}


def _write_rows(source: BufferedReader) -> dict[str, object]:
    has_errors = _check_parts(source)
    source.seek(0)
    workbook = CalamineWorkbook.from_filelike(source)
    names = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if (sheet.typ, sheet.visible) == (SheetTypeEnum.WorkSheet, SheetVisibleEnum.Visible)
    ]
    if not names:
        raise _NoRows(WorkbookProblem.NO_SHEET)
    sheet = workbook.get_sheet_by_name(names[0])
    with Path(ROWS).open("w", encoding="utf-8") as rows:
        rows.writelines(json.dumps(row) + "\n" for row in _rows(sheet))
    return {"problem": "", "sheets": names, "has_errors": has_errors}


def _check_parts(source: BufferedReader) -> bool:
    """Return True if a cell holds an error. Raises `_NoRows` for other zips and hostile ones."""
    try:
        with ZipFile(source) as parts:
            names = set(parts.namelist())
            if "xl/workbook.xml" not in names:
                raise _NoRows(_other_kind(names))
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise _NoRows(WorkbookProblem.TOO_LARGE)
            found = [_found_in(parts, name) for name in sorted(names) if name.startswith("xl/")]
    except BadZipFile as error:
        raise _NoRows(WorkbookProblem.DAMAGED) from error
    if any(DOCUMENT_TYPE in marks for marks in found):
        raise _NoRows(WorkbookProblem.DOCUMENT_TYPE)
    return any(ERROR_CELL in marks for marks in found)


def _other_kind(names: set[str]) -> WorkbookProblem:
    if "xl/workbook.bin" in names:
        return WorkbookProblem.BINARY_WORKBOOK
    if {"mimetype", "content.xml"} <= names:
        return WorkbookProblem.OPEN_DOCUMENT
    return WorkbookProblem.OTHER_DOCUMENT if "[Content_Types].xml" in names else WorkbookProblem.ZIP


def _found_in(parts: ZipFile, name: str) -> set[bytes]:
    """Return which of the marks a part of the workbook holds."""
    found, end = set[bytes](), b""
    with parts.open(name) as part:
        while chunk := part.read(CHUNK):
            found |= {mark for mark in (ERROR_CELL, DOCUMENT_TYPE) if mark in end + chunk}
            end = chunk[-len(DOCUMENT_TYPE) :]
    return found


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that isn't empty, by its number in the sheet, without empty cells at its end.

    The cells begin at the first column that is in use.
    """
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [_text(cell) for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts


def _text(cell: Cell) -> str:
    """Return a cell as a CSV file has it: numbers in full, times in ISO 8601 without an offset."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _number(cell)
    if isinstance(cell, datetime):
        # The number of days that stands for a time is exact to some microseconds.
        rounded = cell + timedelta(microseconds=500)
        return rounded.replace(microsecond=rounded.microsecond // 1000 * 1000).isoformat()
    return str(cell)


def _number(value: float) -> str:
    shown = format(value, f".{MOST_DIGITS}g")
    # A number with more digits lost some of them: it stays in the form that no id or amount has.
    return f"{Decimal(shown):f}" if abs(value) < 10**MOST_DIGITS else f"{value:e}"
