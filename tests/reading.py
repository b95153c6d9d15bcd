"""Writes pages of small text, and reads them back from renditions.

Every letter stands in a cell of its own. The reader chooses for each cell the letter that looks
most like it: a matched filter, with letters as sharp as they were on the page.
"""

import math
import random
from dataclasses import dataclass
from operator import mul

from PIL import Image, ImageDraw, ImageFont

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-@#?/"
INK, PAPER = "#202124", "#ffffff"


@dataclass(frozen=True)
class Page:
    """A page with `rows` of random letters, spread over the whole height and width of a screen."""

    size: tuple[int, int]
    letter: int
    """The font's size in pixels."""
    rows: int = 8
    columns: int = 20
    seed: int = 1

    @property
    def cell(self) -> tuple[int, int]:
        return self.letter, round(self.letter * 1.4)

    @property
    def text(self) -> str:
        return "".join(random.Random(self.seed).choices(LETTERS, k=self.rows * self.columns))

    def places(self) -> list[tuple[int, int]]:
        """Yield the top left of each cell, row by row."""
        (width, height), (across, down) = self.size, self.cell
        return [
            (
                (width - across) * column // max(1, self.columns - 1),
                (height - down) * row // max(1, self.rows - 1),
            )
            for row in range(self.rows)
            for column in range(self.columns)
        ]

    def draw(self) -> Image.Image:
        picture = Image.new("RGB", self.size, PAPER)
        for place, letter in zip(self.places(), self.text, strict=True):
            picture.paste(self.draw_letter(letter), place)
        return picture

    def draw_letter(self, letter: str) -> Image.Image:
        picture = Image.new("RGB", self.cell, PAPER)
        font = ImageFont.load_default(size=self.letter)
        middle = self.cell[0] / 2, self.cell[1] * 0.75
        ImageDraw.Draw(picture).text(middle, letter, fill=INK, font=font, anchor="ms")
        return picture


def part_read(page: Page, shown: Image.Image) -> float:
    """Return the fraction of the page's text that can be read from `shown`."""
    read = read_page(page, shown)
    return sum(map(str.__eq__, read, page.text)) / len(read)


def read_page(page: Page, shown: Image.Image) -> str:
    across, down = shown.width / page.size[0], shown.height / page.size[1]
    grey = shown.convert("L")
    patterns = {letter: _pattern(page.draw_letter(letter).convert("L")) for letter in LETTERS}
    return "".join(
        _nearest(
            _pattern(
                grey.resize(
                    page.cell,
                    Image.Resampling.BICUBIC,
                    box=(
                        left * across,
                        top * down,
                        min(grey.width, (left + page.cell[0]) * across),
                        min(grey.height, (top + page.cell[1]) * down),
                    ),
                )
            ),
            patterns,
        )
        for left, top in page.places()
    )


def _pattern(cell: Image.Image) -> list[float]:
    """Return the letter with mean 0 and length 1, so that contrast and brightness don't count."""
    pixels = cell.tobytes()
    mean = sum(pixels) / len(pixels)
    length = math.sqrt(sum((pixel - mean) ** 2 for pixel in pixels)) or 1.0
    return [(pixel - mean) / length for pixel in pixels]


def _nearest(seen: list[float], patterns: dict[str, list[float]]) -> str:
    return max(patterns, key=lambda letter: sum(map(mul, seen, patterns[letter])))
