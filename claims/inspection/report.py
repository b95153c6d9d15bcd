"""What an inspection found, in a form that a database row or a JSON answer can keep."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from claims.inspection.formats import EvidenceKind, Format
from claims.inspection.limits import MEBIBYTE, Limits


class Problem(StrEnum):
    EMPTY = "empty"
    NOT_RECOGNISED = "not_recognised"
    TOO_LARGE = "too_large"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"
    ANIMATED = "animated"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_MANY_FRAMES = "too_many_frames"
    TOO_MANY_STREAMS = "too_many_streams"
    NO_VIDEO = "no_video"
    CODEC_NOT_ACCEPTED = "codec_not_accepted"
    DAMAGED = "damaged"
    TOOK_TOO_LONG = "took_too_long"
    USED_TOO_MUCH = "used_too_much"


MESSAGES: Final[Mapping[Problem, str]] = MappingProxyType(
    {
        Problem.EMPTY: "This file is empty. Choose it once more, or send another one.",
        Problem.NOT_RECOGNISED: (
            "This file isn't a picture or a video that we can read. Send a PNG, JPEG, WebP or HEIC"
            " picture, or an MP4, MOV or WebM video."
        ),
        Problem.TOO_LARGE: (
            "This file is too large. Send a picture of at most {picture_mb} MB or a video of at"
            " most {video_mb} MB."
        ),
        Problem.TOO_MANY_PIXELS: (
            "This picture or video has too many pixels. Send a screenshot, a photo of at most"
            " {megapixels} megapixels, or a video of at most 4K."
        ),
        Problem.TOO_SMALL: (
            "This is too small to show anything. Send one that is at least {min_side} pixels wide"
            " and high."
        ),
        Problem.ANIMATED: (
            "This picture moves. Send a still screenshot, or record the screen as a video."
        ),
        Problem.TOO_SHORT: (
            "This video is shorter than {min_duration:g} s. Send one between {min_duration:g} s and"
            " {max_duration:g} s long."
        ),
        Problem.TOO_LONG: (
            "This video is longer than {max_duration:g} s. Send one between {min_duration:g} s and"
            " {max_duration:g} s long."
        ),
        Problem.TOO_MANY_FRAMES: (
            "This video has more than {max_frames} frames. Record it at 30 or 60 frames a second,"
            " without slow motion, and send that."
        ),
        Problem.TOO_MANY_STREAMS: (
            "This video has more than {max_streams} tracks. Send it as it came from the camera or"
            " the screen recorder."
        ),
        Problem.NO_VIDEO: (
            "There are no moving pictures in this file. Send a video that shows the problem."
        ),
        Problem.CODEC_NOT_ACCEPTED: (
            "We can't read the encoding of this video. Send it as H.264 or HEVC (MP4 or MOV), or as"
            " VP8, VP9 or AV1 (WebM); a phone's own camera and screen recorder do that."
        ),
        Problem.DAMAGED: (
            "This file is damaged or incomplete. Check that it opens on your device, then send it"
            " once more, or make a new screenshot or recording."
        ),
        Problem.TOOK_TOO_LONG: (
            "Reading this file took too long. Send a shorter or smaller recording, or a screenshot."
        ),
        Problem.USED_TOO_MUCH: (
            "Reading this file takes more than we can give one file. Send a smaller picture, or a"
            " recording with fewer pixels."
        ),
    }
)


def message_for(problem: Problem, limits: Limits) -> str:
    """The customer's sentence: what is wrong, and what to do about it."""
    return MESSAGES[problem].format_map(
        asdict(limits)
        | {
            "picture_mb": limits.max_picture_bytes // MEBIBYTE,
            "video_mb": limits.max_video_bytes // MEBIBYTE,
            "megapixels": limits.max_picture_pixels // 1_000_000,
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendition:
    """One file that was made of the original, in the working folder."""

    name: str
    media_type: str
    width: int
    height: int
    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal, as everywhere here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    ok: bool
    sha256: str
    """Of the original, as it arrived."""
    size: int
    """Bytes of the original."""
    problem: Problem | None = None
    message: str = ""
    """For the customer; empty when all is well."""
    kind: EvidenceKind | None = None
    format: Format | None = None
    codec: str | None = None
    """Of the video stream; None for pictures."""
    width: int | None = None
    """Of the original held upright, in pixels."""
    height: int | None = None
    duration: float | None = None
    """Seconds, measured by decoding."""
    frames: int | None = None
    renditions: tuple[Rendition, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values only, ready for JSON."""
        return asdict(self) | {"renditions": [asdict(made) for made in self.renditions]}
