"""Records of CSV files: lines cut into cells."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Final

from claims.formats.fields import BadRow
from claims.formats.order_reports import COLUMNS
from claims.management.row_files.files import BadFile, Record
from claims.management.row_files.text_lines import LONGEST_LINE, Line

SEPARATORS: Final = (",", ";", "\t")
# The line by which Excel tells itself the separator.
TOLD_SEPARATOR: Final = re.compile(r'"?sep=([,;\t])"?')


class Lines:
    """Lines that aren't blank. A line can be put back, to be read again."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self._lines = iter(lines)
        self._put_back: deque[Line] = deque()

    def __iter__(self) -> Iterator[Line]:
        while (line := self.following()) is not None:
            if isinstance(line[1], BadRow) or line[1].strip():
                yield line

    def following(self) -> Line | None:
        """Return the next line, blank or not, or None at the end."""
        return self._put_back.popleft() if self._put_back else next(self._lines, None)

    def put_back(self, lines: Iterable[Line]) -> None:
        self._put_back.extendleft(reversed(list(lines)))


def read_header(lines: Lines) -> tuple[str, list[str]]:
    """Return the separator and the names in the first line. Raises `BadFile`."""
    text = _first(lines)
    told = TOLD_SEPARATOR.fullmatch(text.strip(" \r\n"))
    separator = told[1] if told else _separator_of(text)
    try:
        return separator, _cells(_first(lines) if told else text, separator)
    except csv.Error as error:
        raise BadFile(f"The first line is not a CSV header: {error}.") from error


def _first(lines: Lines) -> str:
    _, text = next(iter(lines), (0, ""))
    if isinstance(text, BadRow):
        raise BadFile(f"The first line is not a CSV header: {text}.")
    return text


def _separator_of(header: str) -> str:
    """Return the separator that finds most columns in the header; rows have no say in it."""

    def columns(separator: str) -> int:
        names = {name.strip(' "\r\n') for name in header.split(separator)}
        return len(names & set(COLUMNS))

    return max(SEPARATORS, key=columns)


def read_records(lines: Lines, separator: str, *, width: int) -> Iterator[Record]:
    """Yield the records after the header, which has `width` cells, by their first lines.

    A cell in quotes may have line breaks. If its closing quote is missing, or the lines make no
    record of that width, its first line alone is bad: an unclosed quote spoils no other line.
    """
    for number, text in lines:
        if isinstance(text, BadRow):
            yield number, text
            continue
        try:
            yield number, _cells(text, separator)
        except csv.Error as error:
            record = _longer_record(lines, text, separator, width=width)
            yield number, record or BadRow([f"the line is not CSV: {error}"])


def _longer_record(lines: Lines, text: str, separator: str, *, width: int) -> list[str] | None:
    """Return the record that begins with this line and ends in a later one, or None."""
    taken = _lines_of_the_cell(lines, text)
    if taken and all(isinstance(line, str) for _, line in taken):
        with suppress(csv.Error):
            cells = _cells(text + "".join(str(line) for _, line in taken), separator)
            if len(cells) == width:
                return cells
    lines.put_back(taken)
    return None


def _lines_of_the_cell(lines: Lines, text: str) -> list[Line]:
    """Return the lines up to the one that closes the quote that is open at the end of `text`."""
    taken, size, is_open = list[Line](), len(text), _opens_or_closes(text)
    while is_open and size <= LONGEST_LINE and (line := lines.following()):
        taken.append(line)
        if isinstance(line[1], BadRow):
            break
        size += len(line[1])
        is_open ^= _opens_or_closes(line[1])
    return taken


def _opens_or_closes(text: str) -> bool:
    """Return True if the line has an odd number of quotes. Those inside a cell are doubled."""
    return text.count('"') % 2 == 1


def _cells(text: str, separator: str) -> list[str]:
    """Return the cells of one record. Raises `csv.Error`."""
    return next(csv.reader([text.rstrip("\r\n")], strict=True, delimiter=separator), [])
