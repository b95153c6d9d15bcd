"""WebP files: writes them with pixels and nothing else, and measures others before decoding."""

from typing import Final

from PIL import Image

QUALITY: Final = 85
"""High enough to keep small text in a screenshot sharp."""


def save_plain(picture: Image.Image, name: str, quality: int = QUALITY) -> None:
    # Pillow would copy the original's profile and other metadata.
    picture.info.clear()
    # With the format told by the name alone, Pillow imports no other format.
    picture.save(name, quality=quality, method=4)


def canvas_of(head: bytes) -> tuple[int, int]:
    """Return the width and height that a WebP header claims (RFC 9649); zeros if it has none."""
    kind = head[12:16]
    if kind == b"VP8X":
        return 1 + _little(head[24:27]), 1 + _little(head[27:30])
    if kind == b"VP8L" and head[20:21] == b"\x2f":
        bits = _little(head[21:25])
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        return _little(head[26:28]) & 0x3FFF, _little(head[28:30]) & 0x3FFF
    return 0, 0


def _little(part: bytes) -> int:
    return int.from_bytes(part, "little")
