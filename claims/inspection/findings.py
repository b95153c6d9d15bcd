"""The child's answer to its parent, and its reasons to refuse a file."""

from dataclasses import dataclass, field
from typing import Final

from claims.inspection.formats import Format
from claims.inspection.report import FileProblem

PICTURE: Final = "picture.webp"
VIDEO: Final = "video.mp4"
POSTER: Final = "poster.webp"
THUMBNAIL: Final = "thumbnail.webp"
COLOUR_TABLE: Final = "colours.cube"
"""A file for FFmpeg alone. The child can't delete files, so its parent does."""

RENDITION_FORMATS: Final = {
    PICTURE: Format.WEBP,
    VIDEO: Format.MP4,
    POSTER: Format.WEBP,
    THUMBNAIL: Format.WEBP,
}
"""The formats by file name, in the order in which a report lists them."""

MOST_BYTES: Final = {THUMBNAIL: 64 * 1024}
"""The largest size in bytes by file name. A page shows many thumbnails; one of pure noise, the
worst case, takes a third of this."""

MEDIA_TYPES: Final = {Format.WEBP: "image/webp", Format.MP4: "video/mp4"}


class Refusal(Exception):
    """The file isn't accepted."""

    def __init__(self, problem: FileProblem) -> None:
        super().__init__(problem)
        self.problem = problem


@dataclass(slots=True)
class Findings:
    """The child's results so far, so that the report on a refused file holds what was known."""

    problem: FileProblem | None = None
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    duration: float | None = None
    frames: int | None = None
    renditions: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Width and height by file name."""
    fingerprints: list[str] = field(default_factory=list)
    said: dict[str, str] = field(default_factory=dict)
