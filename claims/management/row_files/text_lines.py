"""Lines of text files in the encodings that spreadsheets write, in constant memory."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO, Final, NamedTuple

from claims.formats.fields import BadRow
from claims.management.row_files.files import Warn

LONGEST_LINE: Final = 64 * 1024
CHUNK: Final = 64 * 1024
HEAD_BYTES: Final = 64
Line = tuple[int, str | BadRow]

# Bytes that aren't UTF-8, as `surrogateescape` decodes them, and letters that are more than ASCII.
STRAY: Final = re.compile("[\udc80-\udcff]")
LETTERS: Final = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")


class Encoding(NamedTuple):
    """An encoding, and the treatment of bytes that aren't in it.

    Such bytes become surrogates, which every field refuses: they make a bad row, not a bad file.
    """

    name: str
    errors: str = "surrogateescape"
    is_guess: bool = False


MARKS: Final = (
    (codecs.BOM_UTF8, Encoding("utf-8-sig")),
    (codecs.BOM_UTF16_LE, Encoding("utf-16", "surrogatepass")),
    (codecs.BOM_UTF16_BE, Encoding("utf-16", "surrogatepass")),
)
# A header is ASCII, so every other byte of it is zero in UTF-16.
UNMARKED: Final = (
    (re.compile(rb"(?:[^\0]\0){4}"), Encoding("utf-16-le", "surrogatepass", is_guess=True)),
    (re.compile(rb"(?:\0[^\0]){4}"), Encoding("utf-16-be", "surrogatepass", is_guess=True)),
)
WESTERN: Final = Encoding("cp1252", is_guess=True)


def read_lines(stream: IO[bytes], warn: Warn) -> Iterator[Line]:
    """Yield line numbers with the text, or with the reason why there is none."""
    encoding = _encoding_of(stream)
    if encoding.is_guess:
        warn(
            f"The file doesn't tell its encoding, and was read as {encoding.name}."
            " Save it as UTF-8 if names look wrong."
        )
    return _lines(TextIOWrapper(stream, encoding.name, encoding.errors, newline="\n"))


def _encoding_of(stream: IO[bytes]) -> Encoding:
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    for beginning, encoding in UNMARKED:
        if beginning.match(head):
            return encoding
    return _utf8_or_western(stream)


def _utf8_or_western(stream: IO[bytes]) -> Encoding:
    """Read the whole file once. It is cp1252 if it has more stray bytes than letters of UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    stray = letters = 0
    while chunk := stream.read(CHUNK):
        text = decoder.decode(chunk)
        if not text.isascii():
            stray += len(text) - len(STRAY.sub("", text))
            letters += len(text) - len(LETTERS.sub("", text))
    stray += len(decoder.decode(b"", final=True))
    stream.seek(0)
    return WESTERN if stray > letters else Encoding("utf-8")


def _lines(text: TextIOWrapper) -> Iterator[Line]:
    number = 0
    try:
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith("\n"):
                _skip_to_the_next_line(text)
                yield number, BadRow([f"the line is longer than {LONGEST_LINE} characters"])
            else:
                yield number, line
    except UnicodeDecodeError:
        yield number + 1, BadRow(["the file ends in the middle of a character"])


def _skip_to_the_next_line(text: TextIOWrapper) -> None:
    while (line := text.readline(LONGEST_LINE)) and not line.endswith("\n"):
        pass
