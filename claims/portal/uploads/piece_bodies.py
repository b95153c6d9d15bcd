"""Write the body of a PATCH to a temporary file on the spool's disk, never whole in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import HttpRequest, UnreadablePostError
from django.utils.translation import gettext as _

from claims import storage
from claims.portal.uploads.tus_headers import Checksum, TusError

CHUNK = 64 * 1024
CHECKSUM_MISMATCH = 460


@dataclass(frozen=True, kw_only=True)
class Body:
    file: TemporaryUploadedFile
    size: int
    """Bytes that arrived; fewer than announced when the connection broke."""
    sha256: str
    """The SHA-256 of these bytes."""


@contextmanager
def body_of(request: HttpRequest, *, most: int, checksum: Checksum | None) -> Iterator[Body]:
    """Yield the bytes that arrive of `most`. Deletes them afterwards, unless the spool took them.

    Raises `TusError` when there is a checksum and bytes are missing or different.
    """
    with storage.store_errors():
        file = TemporaryUploadedFile("piece", "application/octet-stream", 0, None)
    try:
        digests = _digests(checksum)
        size = _copy(request, file, most=most, digests=digests.values())
        if checksum and (size < most or digests[checksum.algorithm].digest() != checksum.digest):
            raise TusError(
                CHECKSUM_MISMATCH,
                _("This piece has another checksum than you sent. Send it once more."),
            )
        with storage.store_errors():
            file.seek(0)  # writes what is still in the buffer
        yield Body(file=file, size=size, sha256=digests["sha256"].hexdigest())
    finally:
        with storage.store_errors():  # a full disk may fail once more here
            file.close()


def _digests(checksum: Checksum | None) -> dict[str, Any]:
    """Return the digest that the row keeps, and the one that the client asked for."""
    algorithms = {"sha256"} | ({checksum.algorithm} if checksum else set())
    return {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}


def _copy(
    request: HttpRequest, file: TemporaryUploadedFile, *, most: int, digests: Collection[Any]
) -> int:
    """Write, hash and count the bytes that arrive. `_read` raises no error of the connection."""
    size = 0
    with storage.store_errors():
        while size < most and (chunk := _read(request, min(CHUNK, most - size))):
            for digest in digests:
                digest.update(chunk)
            file.write(chunk)
            size += len(chunk)
    return size


def _read(request: HttpRequest, count: int) -> bytes:
    """Return the next bytes; none when the connection is broken, whatever the server raises."""
    try:
        return bytes(request.read(count))
    except UnreadablePostError:
        return b""
