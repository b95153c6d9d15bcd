"""What the headers of a tus request say; a `TusError` with a sentence when they can't be used."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from claims.models.upload import LONGEST_METADATA
from claims.portal.uploads.form_uploads import clean_name

PIECE_TYPE = "application/offset+octet-stream"
ALGORITHMS = ("sha256", "sha1")


class TusError(Exception):
    """An answer that isn't what was asked for: a status, one sentence, and headers."""

    def __init__(
        self, status: int, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.headers = dict(headers or {})


@dataclass(frozen=True, kw_only=True)
class Checksum:
    algorithm: str
    digest: bytes


def length_of(request: HttpRequest) -> int:
    """How many bytes an upload will have."""
    if "Upload-Defer-Length" in request.headers:
        raise TusError(
            400, "The length of a file must be known at the start. Send it as Upload-Length."
        )
    return _number(request, "Upload-Length")


def offset_of(request: HttpRequest) -> int:
    return _number(request, "Upload-Offset")


def body_length_of(request: HttpRequest) -> int:
    if "Content-Length" not in request.headers:
        raise TusError(411, "Say how long this piece is, by the header Content-Length.")
    return _number(request, "Content-Length")


def _number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    # Eighteen digits fit into any 64-bit number.
    if not re.fullmatch(r"[0-9]{1,18}", value):
        raise TusError(400, f"The header {name} must be a whole number of bytes.")
    return int(value)


def require_piece(request: HttpRequest) -> None:
    if request.content_type != PIECE_TYPE:
        raise TusError(415, f"Send the bytes of a piece as Content-Type: {PIECE_TYPE}.")


def metadata_of(request: HttpRequest) -> str:
    """Upload-Metadata as the client wrote it, and is told it again; empty without."""
    metadata = request.headers.get("Upload-Metadata", "")
    if len(metadata) > LONGEST_METADATA:
        raise TusError(
            400, f"The header Upload-Metadata may have at most {LONGEST_METADATA} characters."
        )
    if not re.fullmatch(r"[ -~]*", metadata):
        raise TusError(400, "The header Upload-Metadata must hold ASCII keys and Base64.")
    return metadata


def file_name_in(metadata: str) -> str:
    """The `filename`, fit to be shown; other entries mean nothing here."""
    for entry in metadata.split(","):
        key, _, value = entry.strip().partition(" ")
        if key == "filename":
            return clean_name(_decoded(value, "Upload-Metadata").decode(errors="replace"))
    return clean_name("")


def checksum_of(request: HttpRequest) -> Checksum | None:
    value = request.headers.get("Upload-Checksum")
    if value is None:
        return None
    algorithm, _, encoded = value.partition(" ")
    if algorithm not in ALGORITHMS:
        known = " or ".join(ALGORITHMS)
        raise TusError(400, f"Upload-Checksum must be by {known}; no other algorithm is known.")
    digest = _decoded(encoded, "Upload-Checksum")
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        raise TusError(
            400, f"The checksum in Upload-Checksum isn't as long as {algorithm} makes it."
        )
    return Checksum(algorithm=algorithm, digest=digest)


def _decoded(text: str, name: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError) as error:
        raise TusError(400, f"The header {name} must hold Base64.") from error
