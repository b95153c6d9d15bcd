"""Rows of tables: the header's names with the cells of each record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from claims.formats.fields import BadRow
from claims.formats.order_reports import COLUMNS, REQUIRED
from claims.formats.text_values import Notation, TextValues
from claims.management.row_files.files import BadFile, Record, Row, Warn


def read_names(cells: Sequence[str], warn: Warn) -> list[str]:
    """Return the names of the columns up to the last one that has a name. Raises `BadFile`."""
    names = [name.strip() for name in cells]
    while names and not names[-1]:
        names.pop()
    repeated = sorted({name for name in names if name and names.count(name) > 1})
    if repeated:
        raise BadFile(f"The header names a column twice: {', '.join(repeated)}.")
    missing = [name for name in COLUMNS if name in REQUIRED and name not in names]
    if not {"customer_email", "customer_id"} & set(names):
        missing.append("customer_email or customer_id")
    if missing:
        raise BadFile(f"The header lacks: {', '.join(missing)}.")
    unknown = [name for name in names if name and name not in COLUMNS]
    if unknown:
        warn(f"Ignored columns: {', '.join(unknown)}.")
    return names


def rows_of(records: Iterable[Record], names: Sequence[str], notation: Notation) -> Iterator[Row]:
    """Yield the rows of these records, without those whose cells are all empty."""
    for number, cells in records:
        if isinstance(cells, BadRow):
            yield number, cells
        elif any(cell.strip() for cell in cells):
            yield number, _row(names, cells, notation)


def _row(names: Sequence[str], cells: Sequence[str], notation: Notation) -> TextValues | BadRow:
    if len(cells) < len(names) or any(cell.strip() for cell in cells[len(names) :]):
        return BadRow([f"the line has {len(cells)} cells, the header has {len(names)}"])
    texts = {name: cell for name, cell in zip(names, cells, strict=False) if name}
    return TextValues(texts, notation)
