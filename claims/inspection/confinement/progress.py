"""A child's progress: the child prints one number a line, and the parent reads the last line.

The answer follows as the last line of the same output, see `child`.
"""

import os
import time
from typing import Final

MOST: Final = 99
"""The highest percentage that a child reports; its answer stands for 100."""

EVERY: Final = 0.5
"""The least number of seconds between two lines."""

LONGEST_LINE: Final = 8


class Teller:
    """The child's side: prints a line when the percentage has grown, at most every `EVERY` seconds.

    The number only grows, so there are never more than a hundred lines.
    """

    def __init__(self) -> None:
        self._told = 0
        self._next = time.monotonic() + EVERY

    def tell(self, part: float) -> None:
        """Print the percentage if it is due; `part` is the fraction of the work that is done."""
        now = time.monotonic()
        percent = min(MOST, int(part * 100))
        if now < self._next or percent <= self._told:
            return
        self._next, self._told = now + EVERY, percent
        os.write(1, b"%d\n" % percent)


def read_percent(output: int) -> int | None:
    """Return the number on the last whole line of the file open as `output`; for the parent.

    The child may have written anything: the result is None unless the line is a number from 0
    to 99. The file offset, which the child shares, doesn't move.
    """
    size = os.fstat(output).st_size
    lines = os.pread(output, 2 * LONGEST_LINE, max(0, size - 2 * LONGEST_LINE)).split(b"\n")
    if len(lines) < 2:
        return None
    line = lines[-2]
    return int(line) if line.isdigit() and len(line) <= len(str(MOST)) else None
