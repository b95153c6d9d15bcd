"""The poster: the still picture that stands for a video until it plays."""

from typing import Final

from av.video.frame import VideoFrame
from PIL import Image, ImageStat

from claims.inspection.findings import POSTER, THUMBNAIL, Refusal
from claims.inspection.pictures.thumbnails import save_thumbnail
from claims.inspection.pictures.webp import save_plain
from claims.inspection.report import FileProblem

SECONDS: Final = 5
"""The number of first seconds with a candidate each; many recordings begin black or blank."""

SAMPLE: Final = (64, 64)


class Poster:
    """The best candidate so far: the one whose brightness spreads most."""

    def __init__(self) -> None:
        self._next = 0
        self._spread = -1.0
        self._picture: Image.Image | None = None

    def offer(self, frame: VideoFrame, second: float) -> None:
        if second < self._next or self._next >= SECONDS:
            return
        self._next = int(second) + 1
        picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # not in the stubs
        sample = picture.resize(SAMPLE, Image.Resampling.BILINEAR).convert("L")
        spread = ImageStat.Stat(sample).stddev[0]
        if spread > self._spread:
            self._spread, self._picture = spread, picture

    def save(self) -> dict[str, tuple[int, int]]:
        """Write the poster and its thumbnail; return width and height by file name.

        Raises Refusal if no frame was offered.
        """
        if self._picture is None:
            raise Refusal(FileProblem.DAMAGED)
        save_plain(self._picture, POSTER)
        return {POSTER: self._picture.size, THUMBNAIL: save_thumbnail(self._picture)}
