"""What an inspection found, in a form that a database row or a JSON answer can keep."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from claims.inspection.formats import EvidenceKind, Format
from claims.inspection.limits import MEBIBYTE, Limits


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


MESSAGES: Final[Mapping[FileProblem, str]] = MappingProxyType(
    {
        FileProblem.EMPTY: "This file is empty. Choose it once more, or send another one.",
        FileProblem.NOT_RECOGNISED: (
            "This file isn't a picture or a video that we can read. Send a PNG, JPEG, WebP or HEIC"
            " picture, or an MP4, MOV or WebM video."
        ),
        FileProblem.GIF: (
            "This is a GIF, which we don't read. Send a screenshot (PNG or JPEG), or record the"
            " screen as a video."
        ),
        FileProblem.NEW_PICTURE: (
            "This is an AVIF or JPEG XL picture, which we don't read. Open it, take a screenshot of"
            " it, and send that; or save it as JPEG or PNG."
        ),
        FileProblem.RAW_PHOTO: (
            "This is a raw photo or a TIFF, which we don't read. Turn raw off in the camera (on an"
            " iPhone: Settings › Camera › Formats) and take the photo again, or send it as JPEG."
        ),
        FileProblem.OTHER_PICTURE: (
            "We don't read this kind of picture (BMP, PSD, JPEG 2000 or an icon). Save it as PNG or"
            " JPEG, or take a screenshot of it, and send that."
        ),
        FileProblem.DOCUMENT: (
            "This is a document or an archive (such as PDF, Word or ZIP). Open it, take a"
            " screenshot of what it shows, and send that."
        ),
        FileProblem.WEB_PAGE: (
            "This is a web page or a drawing (SVG). Open it, take a screenshot of it, and send"
            " that."
        ),
        FileProblem.SOUND: (
            "This is a sound without a picture. Send a screenshot, or a video that shows the"
            " problem."
        ),
        FileProblem.OTHER_VIDEO: (
            "We don't read this kind of video (AVI, WMV, FLV or MPEG). Set the recorder to MP4 (in"
            " OBS: Settings › Output › Recording Format) and record again, or send it as MP4."
        ),
        FileProblem.TOO_LARGE: (
            "This file is too large. Send a picture of at most {picture_mb} MB (a screenshot of it"
            " is small) or a video of at most {video_mb} MB: on an iPhone with Settings › Camera ›"
            " Record Video › 720p HD, on Android with Camera › Settings › Video size › HD."
        ),
        FileProblem.TOO_MANY_PIXELS: (
            "This picture or video has too many pixels. Send a screenshot, a photo of at most"
            " {megapixels} megapixels, or a video of at most 4K (on an iPhone: Settings › Camera ›"
            " Record Video › 1080p; on Android: Camera › Settings › Video size › FHD)."
        ),
        FileProblem.TOO_SMALL: (
            "This is too small to show anything. Send one that is at least {min_side} pixels wide"
            " and high."
        ),
        FileProblem.ANIMATED: (
            "This picture moves. Send a still screenshot, or record the screen as a video."
        ),
        FileProblem.TOO_SHORT: (
            "This video is shorter than {min_duration:g} s. Send one between {min_duration:g} s and"
            " {max_duration:g} s long."
        ),
        FileProblem.TOO_LONG: (
            "This video is longer than {max_duration:g} s. Send one between {min_duration:g} s and"
            " {max_duration:g} s long."
        ),
        FileProblem.TOO_MANY_FRAMES: (
            "This video has more than {max_frames} frames. Record it at 30 or 60 frames a second"
            " with the camera's mode Video, not Slo-mo or Slow motion, and send that."
        ),
        FileProblem.TOO_MANY_STREAMS: (
            "This video has more than {max_streams} tracks. Send it as it came from the camera or"
            " the screen recorder."
        ),
        FileProblem.TOO_HIGH_BIT_RATE: (
            "This video holds more data a second than we can read. Record it with the phone's own"
            " camera or screen recorder in 1080p (on an iPhone, with Settings › Camera › Formats ›"
            " Apple ProRes off), and send that."
        ),
        FileProblem.TOO_COMPLEX: (
            "This file is put together in a way that we don't read. Open it on your device, save or"
            " export it anew (a video as MP4, a picture as JPEG), and send that."
        ),
        FileProblem.NO_VIDEO: (
            "There are no moving pictures in this file. Send a video that shows the problem."
        ),
        FileProblem.CODEC_NOT_ACCEPTED: (
            "We can't read the encoding of this video. Record it again as H.264 or HEVC, and send"
            " that. On an iPhone: Settings › Camera › Formats › Most Compatible, with Apple ProRes"
            " off. On Android: Camera › Settings › Video format › H.264. On a computer: MP4 (H.264)"
            " or WebM."
        ),
        FileProblem.DAMAGED: (
            "This file is damaged or incomplete. Check that it opens on your device, then send it"
            " once more, or make a new screenshot or recording."
        ),
        FileProblem.TOOK_TOO_LONG: (
            "Reading this file took too long. Send a shorter or smaller recording, or a screenshot."
        ),
        FileProblem.USED_TOO_MUCH: (
            "Reading this file takes more than we can give one file. Send a smaller picture, or a"
            " recording with fewer pixels."
        ),
        FileProblem.MALWARE: (
            "Our malware scanner doesn't let this file through. Make a new screenshot or recording"
            " on another device, and send that."
        ),
        FileProblem.NOT_SCANNED: (
            "This file is more than our malware scanner can take. Send a screenshot, or a shorter"
            " recording."
        ),
        FileProblem.LOST: "We have lost part of this file, and are sorry. Send it once more.",
        FileProblem.NOT_CHECKED: (
            "We could not check this file, and are sorry. Send it once more, or a new screenshot or"
            " recording."
        ),
    }
)


def message_for(problem: FileProblem, limits: Limits) -> str:
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
class RenditionFile:
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
class InspectionReport:
    ok: bool
    sha256: str
    """Of the original, as it arrived."""
    size: int
    """Bytes of the original."""
    problem: FileProblem | None = None
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
    renditions: tuple[RenditionFile, ...] = ()
    fingerprints: tuple[str, ...] = ()
    """What it looks like, see `fingerprints`: one of a picture, a few of a video, none when there
    is too little to see."""
    said: dict[str, str] = field(default_factory=dict)
    """What the file says about itself, by `answers.Fact`."""

    def as_dict(self) -> dict[str, Any]:
        """Plain values only, ready for JSON."""
        return asdict(self) | {
            "renditions": [asdict(made) for made in self.renditions],
            "fingerprints": list(self.fingerprints),
        }
