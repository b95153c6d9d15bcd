"""How far a child has come: it prints lines of a number each, and its parent looks at the last.

The answer follows them as the last line of the same output, see `child`.
"""

import os
import time
from typing import Final

MOST: Final = 99
"""Per cent. The whole is reached with the answer, and not before."""

EVERY: Final = 0.5
"""Seconds between two lines, at least."""

LONGEST_LINE: Final = 8


class Teller:
    """In the child: prints a line when there is something new to say, and not too often. The
    number only grows, so that there are never more than a hundred lines."""

    def __init__(self) -> None:
        self._told = 0
        self._next = time.monotonic() + EVERY

    def tell(self, part: float) -> None:
        """`part` is what has been done of the whole, as a fraction."""
        now = time.monotonic()
        percent = min(MOST, int(part * 100))
        if now < self._next or percent <= self._told:
            return
        self._next, self._told = now + EVERY, percent
        os.write(1, b"%d\n" % percent)


def read_percent(output: int) -> int | None:
    """In the parent: the last whole line's number in the file that `output` is open on.

    The child may have written anything there: whatever isn't a number from 0 to 99 is nothing.
    Its place in the file, which the child shares, stays as it is.
    """
    size = os.fstat(output).st_size
    lines = os.pread(output, 2 * LONGEST_LINE, max(0, size - 2 * LONGEST_LINE)).split(b"\n")
    if len(lines) < 2:
        return None
    line = lines[-2]
    return int(line) if line.isdigit() and len(line) <= len(str(MOST)) else None
