"""Kinds of files that hold no rows, told by their first bytes, with what to do about each."""

from __future__ import annotations

import re
from typing import IO, Final

from claims.management.row_files.files import BadFile

HEAD_BYTES: Final = 4096
WORKBOOK_BEGINNINGS: Final = (b"PK\x03\x04", b"PK\x05\x06")
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OLE_BYTES: Final = 4 * 1024 * 1024
# Names of streams in the directory of an OLE file, which holds them in UTF-16.
PROTECTED: Final = "EncryptedPackage".encode("utf-16-le")
OLD_WORKBOOK: Final = re.compile(rb"W.o.r.k.b.o.o.k.|B.o.o.k.\0", re.DOTALL)
SAVE_AS: Final = "Save the table as CSV UTF-8 or as .xlsx"

# The first match wins.
REFUSED: Final = (
    (
        re.compile(rb"(?i)(\xef\xbb\xbf)?\s*<(!doctype html|html|head|body|!--)"),
        "is a web page, not a table: perhaps a sign-in or an error. Read it in a browser.",
    ),
    (
        re.compile(rb"(?i)(\xef\xbb\xbf)?\s*<\?xml|\s*<[a-z]"),
        f"is XML. {SAVE_AS}.",
    ),
    (re.compile(rb"%PDF-"), "is a PDF. Export the table as CSV or .xlsx instead."),
    (re.compile(rb"\{\\rtf"), f"is a text document (RTF). {SAVE_AS}."),
    (
        re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|7z\xbc\xaf|Rar!"),
        "is compressed. Unpack it, and import the file inside.",
    ),
)


def is_workbook(stream: IO[bytes]) -> bool:
    """Return True if the file is a zip, as .xlsx files are."""
    return _head(stream).startswith(WORKBOOK_BEGINNINGS)


def refuse_other_kinds(stream: IO[bytes]) -> None:
    """Raise `BadFile` if the file is of a known kind that holds no rows."""
    head = _head(stream)
    if head.startswith(OLE):
        raise BadFile(f"The file {_told_of_ole(stream)}")
    for beginning, told in REFUSED:
        if beginning.match(head):
            raise BadFile(f"The file {told}")


def _told_of_ole(stream: IO[bytes]) -> str:
    """Tell an encrypted Office file from an old one by the names in its directory."""
    beginning = stream.read(OLE_BYTES)
    stream.seek(0)
    if PROTECTED in beginning:
        return "is protected by a password. Remove the password in Excel, and save it again."
    if OLD_WORKBOOK.search(beginning):
        return f"is an old Excel workbook (.xls). {SAVE_AS}."
    return f"is an old Office document. {SAVE_AS}."


def _head(stream: IO[bytes]) -> bytes:
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    return head
