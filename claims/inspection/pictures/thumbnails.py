"""Thumbnails, which stand for files in a list. Runs in the confined child only."""

from typing import Final

from PIL import Image

from claims.inspection.findings import THUMBNAIL
from claims.inspection.pictures.webp import save_plain

BOX: Final = 160
"""The most pixels of width and of height: sharp at 80 CSS pixels on a phone's screen."""

QUALITY: Final = 70

LONGEST: Final = 2.2
"""The longest side as a multiple of the shorter one, about that of a phone's screen. A longer
picture shows only its beginning, which names the app and the page: a whole scrolling screenshot of
1080 × 12000 would be an unreadable strip 14 pixels wide."""


def save_thumbnail(upright: Image.Image) -> tuple[int, int]:
    """Write the thumbnail and return its width and height. A smaller picture isn't enlarged."""
    width, height = _beginning(*upright.size)
    scale = min(1.0, BOX / max(width, height))
    size = round(width * scale), round(height * scale)
    small = upright.resize(
        size, Image.Resampling.LANCZOS, box=(0, 0, width, height), reducing_gap=2.0
    )
    save_plain(small, THUMBNAIL, QUALITY)
    return size


def _beginning(width: int, height: int) -> tuple[int, int]:
    """Return the width and height that a thumbnail shows, from the top left."""
    return min(width, int(LONGEST * height)), min(height, int(LONGEST * width))
