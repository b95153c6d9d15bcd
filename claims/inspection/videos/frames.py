"""The choice of video frames to fingerprint. Runs in the confined child only."""

from typing import Final

from av.video.frame import VideoFrame
from PIL import Image

from claims.inspection.fingerprints import SIDE, distance, fingerprint

MOST: Final = 8
NEW: Final = 28
"""A frame is new if it differs from each earlier one by more bits than this. Saving a frame again
changes fewer."""
HEIGHT: Final = 8 * SIDE


class Frames:
    """Fingerprints of a few frames that look different from each other.

    There is one from the first second, then one from every stretch of twice the length of the one
    before. A stretch that begins with nothing new is searched second by second, so that a screen
    which is shown for a while is found wherever the recording begins.
    """

    def __init__(self) -> None:
        self.found: list[str] = []
        self._next = 0.0

    def offer(self, frame: VideoFrame, second: float) -> None:
        if second < self._next or len(self.found) == MOST:
            return
        self._next = second + 1
        seen = fingerprint(_grey(frame))
        if seen and all(distance(seen, other) > NEW for other in self.found):
            self.found.append(seen)
            self._next = max(self._next, 2.0 ** (len(self.found) - 1))


def _grey(frame: VideoFrame) -> Image.Image:
    width = max(2, round(frame.width * HEIGHT / frame.height))
    small = frame.reformat(width, HEIGHT, "gray", interpolation="AREA")
    plane = small.planes[0]
    return Image.frombytes("L", (width, HEIGHT), bytes(plane), "raw", "L", plane.line_size)
