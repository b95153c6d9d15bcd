"""Read the headers of a tus request. Raises `TusError` for a header that can't be used."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from claims.models.upload import LONGEST_METADATA
from claims.portal.uploads.form_uploads import clean_name

PIECE_TYPE = "application/offset+octet-stream"
ALGORITHMS = ("sha256", "sha1")


class TusError(Exception):
    """A refusal: its status, one sentence, and headers."""

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
    """Return the length in bytes of the upload to begin."""
    if "Upload-Defer-Length" in request.headers:
        raise TusError(
            400, _("Send the length of the file at the start, in the header Upload-Length.")
        )
    return _number(request, "Upload-Length")


def offset_of(request: HttpRequest) -> int:
    return _number(request, "Upload-Offset")


def body_length_of(request: HttpRequest) -> int:
    if "Content-Length" not in request.headers:
        raise TusError(411, _("Send the length of this piece in the header Content-Length."))
    return _number(request, "Content-Length")


def _number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    # Eighteen digits fit into any 64-bit number.
    if not re.fullmatch(r"[0-9]{1,18}", value):
        sentence = _("The header %(name)s must be a whole number of bytes.")
        raise TusError(400, sentence % {"name": name})
    return int(value)


def require_piece(request: HttpRequest) -> None:
    if request.content_type != PIECE_TYPE:
        sentence = _("Send the bytes of a piece as Content-Type: %(type)s.")
        raise TusError(415, sentence % {"type": PIECE_TYPE})


def metadata_of(request: HttpRequest) -> str:
    """Return Upload-Metadata as the client wrote it, or ''. HEAD answers repeat it."""
    metadata = request.headers.get("Upload-Metadata", "")
    if len(metadata) > LONGEST_METADATA:
        sentence = _("The header Upload-Metadata may have at most %(most)s characters.")
        raise TusError(400, sentence % {"most": LONGEST_METADATA})
    if not re.fullmatch(r"[ -~]*", metadata):
        raise TusError(400, _("The header Upload-Metadata must hold ASCII keys and Base64."))
    return metadata


def file_name_in(metadata: str) -> str:
    """Return the entry `filename` as a name to show. Other entries are ignored."""
    for entry in metadata.split(","):
        key, _, value = entry.strip().partition(" ")
        if key == "filename":
            return clean_name(_decoded(value, "Upload-Metadata").decode(errors="replace"))
    return clean_name("")


def checksum_of(request: HttpRequest) -> Checksum | None:
    value = request.headers.get("Upload-Checksum")
    if value is None:
        return None
    algorithm, __, encoded = value.partition(" ")
    if algorithm not in ALGORITHMS:
        known = " or ".join(ALGORITHMS)
        raise TusError(400, _("Upload-Checksum must be made with %(known)s.") % {"known": known})
    digest = _decoded(encoded, "Upload-Checksum")
    if len(digest) != hashlib.new(algorithm, usedforsecurity=False).digest_size:
        sentence = _(
            "The checksum in Upload-Checksum hasn't the length of a %(algorithm)s checksum."
        )
        raise TusError(400, sentence % {"algorithm": algorithm})
    return Checksum(algorithm=algorithm, digest=digest)


def _decoded(text: str, name: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (NotBase64, ValueError) as error:
        sentence = _("The header %(name)s must hold Base64.") % {"name": name}
        raise TusError(400, sentence) from error
