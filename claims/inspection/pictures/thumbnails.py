"""Thumbnails, which stand for files in a list. Runs in the confined child only."""

from typing import Final

from PIL import Image

from claims.inspection.findings import THUMBNAIL
from claims.inspection.pictures.webp import save_plain

BOX: Final = 160
"""Pixels that it is wide and high, at most: sharp at 80 of a page's on a phone's screen."""

QUALITY: Final = 70

LONGEST: Final = 2.2
"""Times the shorter side: a phone's screen, or nearly so. Of what is longer only the beginning is
shown, which names the app and the page. A whole screenshot of 1080 × 12000, scrolled and all, would
be a strip 14 pixels wide in which nobody knows anything again."""


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
