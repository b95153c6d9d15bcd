"""Fingerprints: the look of a picture in 256 bits.

The bits stay nearly the same when the picture is saved, scaled or taken again. The code needs no
library but Pillow, because another import would slow down the start of each child.

A fingerprint is a perceptual hash with one bit for each of 16 × 16 frequencies of the brightness.
A bit is set if the frequency's amount is above the median. The lowest frequencies are left out:
they hold the layout of the app, which all screenshots of it share, while the next ones hold the
places of the words. See docs/adr/0012.
"""

import math
from collections.abc import Iterable
from operator import mul
from typing import Final

from PIL import Image

SIDE: Final = 64
"""The side, in pixels, of the small square that a picture is scaled to."""

FREQUENCIES: Final = range(6, 22)
"""The frequencies, in half waves across the square."""

COSINES: Final = tuple(
    tuple(math.cos(math.pi * (2 * at + 1) * waves / (2 * SIDE)) for at in range(SIDE))
    for waves in FREQUENCIES
)
BITS: Final = len(FREQUENCIES) ** 2

SCATTER: Final = 37
"""An odd step through the frequencies, so that every run of bits has high and low ones."""

TOO_LITTLE: Final = 1.0
"""The least median amount of a frequency, in shades of grey. Below it the bits would be noise, and
empty pages would look alike."""

STATUS_BAR: Final = 0.07
"""The part of the height that the status bar takes. Its clock and battery differ between two
screenshots of one page. The bar is tallest on a phone held sideways; upright, and on a tablet, it
takes less."""
BOTTOM_BAR: Final = 0.08
"""The part of the height that three buttons or a handle take, alike on all pages of one phone."""


def fingerprint(picture: Image.Image) -> str | None:
    """Return 64 hexadecimal digits; None if there is too little to see."""
    square = _without_bars(picture.convert("L")).resize((SIDE, SIDE), Image.Resampling.BOX)
    amounts = _frequencies(square.tobytes())
    if _middle(map(abs, amounts)) < TOO_LITTLE * SIDE:
        return None
    middle = _middle(amounts)
    bits = 0
    for at in range(BITS):
        bits = bits << 1 | (amounts[at * SCATTER % BITS] > middle)
    return f"{bits:0{BITS // 4}x}"


def distance(one: str, other: str) -> int:
    """Return the count of bits that differ: about 128 for two unrelated pictures."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def _without_bars(picture: Image.Image) -> Image.Image:
    """Cut off the bars of a screen. A photo loses them too: its shape can't tell it from one."""
    width, height = picture.size
    return picture.crop((0, round(height * STATUS_BAR), width, round(height * (1 - BOTTOM_BAR))))


def _middle(amounts: Iterable[float]) -> float:
    """Return the median of `BITS` amounts."""
    ordered = sorted(amounts)
    return (ordered[BITS // 2 - 1] + ordered[BITS // 2]) / 2


def _frequencies(pixels: bytes) -> list[float]:
    """Return the amounts of `FREQUENCIES`, by a discrete cosine transform of rows, then columns."""
    rows = [pixels[at : at + SIDE] for at in range(0, SIDE * SIDE, SIDE)]
    across = [[sum(map(mul, wave, row)) for row in rows] for wave in COSINES]
    return [sum(map(mul, wave, column)) for column in across for wave in COSINES]
