"""Writes WebP files that hold pixels and nothing else."""

from typing import Final

from PIL import Image

QUALITY: Final = 85
"""Small text in a screenshot stays sharp."""


def save_plain(picture: Image.Image, name: str) -> None:
    # Pillow would copy a profile and more from what it found in the original.
    picture.info.clear()
    picture.save(name, "WEBP", quality=QUALITY, method=4)
