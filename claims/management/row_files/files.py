"""Files on their way in: the parts that every format shares."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from claims.formats.fields import BadRow, Values

Warn = Callable[[str], None]
# A line number with the values of its row, or with the reasons why the line is no row.
Row = tuple[int, Values | BadRow]
# The same for the cells of a table.
Record = tuple[int, list[str] | BadRow]


class BadFile(Exception):
    """The whole file is unreadable."""


@contextmanager
def rewindable(stream: BinaryIO) -> Iterator[IO[bytes]]:
    """Yield a stream that can be read twice: a pipe's contents are kept in a temporary file."""
    if stream.seekable():
        yield stream
        return
    with TemporaryFile() as kept:
        shutil.copyfileobj(stream, kept)
        kept.seek(0)
        yield kept
