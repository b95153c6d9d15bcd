"""The result of an inspection, in a form that a database row or a JSON answer can keep."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from claims.inspection.formats import EvidenceKind, Format


class FileProblem(StrEnum):
    EMPTY = "empty"
    NOT_RECOGNISED = "not_recognised"
    GIF = "gif"
    NEW_PICTURE = "new_picture"
    RAW_PHOTO = "raw_photo"
    OTHER_PICTURE = "other_picture"
    DOCUMENT = "document"
    WEB_PAGE = "web_page"
    SOUND = "sound"
    OTHER_VIDEO = "other_video"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    ANIMATED = "animated"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_MANY_FRAMES = "too_many_frames"
    TOO_MANY_STREAMS = "too_many_streams"
    TOO_HIGH_BIT_RATE = "too_high_bit_rate"
    TOO_COMPLEX = "too_complex"
    NO_VIDEO = "no_video"
    CODEC_NOT_ACCEPTED = "codec_not_accepted"
    DAMAGED = "damaged"
    TOOK_TOO_LONG = "took_too_long"
    USED_TOO_MUCH = "used_too_much"
    MALWARE = "malware"
    NOT_SCANNED = "not_scanned"
    LOST = "lost"
    NOT_CHECKED = "not_checked"
    INTERRUPTED = "interrupted"

    @property
    def is_ours(self) -> bool:
        """Whether we failed to check the file: nothing is known against it."""
        return self in {FileProblem.LOST, FileProblem.NOT_CHECKED, FileProblem.INTERRUPTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class RenditionFile:
    """A file made from the original, in the working folder."""

    name: str
    media_type: str
    width: int
    height: int
    size: int
    """Bytes."""
    sha256: str
    """In hexadecimal, as everywhere here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectionReport:
    ok: bool
    sha256: str
    """The hash of the original, as it arrived."""
    size: int
    """Bytes of the original."""
    problem: FileProblem | None = None
    kind: EvidenceKind | None = None
    format: Format | None = None
    codec: str | None = None
    """The codec of the video stream; None for pictures."""
    width: int | None = None
    """The width of the original held upright, in pixels."""
    height: int | None = None
    duration: float | None = None
    """Seconds, measured by decoding."""
    frames: int | None = None
    renditions: tuple[RenditionFile, ...] = ()
    fingerprints: tuple[str, ...] = ()
    """One fingerprint of a picture, a few of a video, none if there is too little to see."""
    said: dict[str, str] = field(default_factory=dict)
    """The file's own metadata, by `child_answers.Fact`."""

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values, ready for JSON."""
        return asdict(self) | {
            "renditions": [asdict(made) for made in self.renditions],
            "fingerprints": list(self.fingerprints),
        }
