"""The sentence for each reason why a file can't be used. It says what to do about it."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from claims.inspection import FileProblem, Limits
from claims.inspection.limits import MEBIBYTE

_SENTENCES: Final[Mapping[FileProblem, Promise]] = {
    FileProblem.EMPTY: _("This file is empty. Choose it once more, or send another one."),
    FileProblem.NOT_RECOGNISED: _(
        "This file isn't a picture or a video that we can read. Send a PNG, JPEG, WebP or HEIC"
        " picture, or an MP4, MOV or WebM video."
    ),
    FileProblem.GIF: _(
        "This is a GIF, which we don't read. Send a screenshot (PNG or JPEG), or record the"
        " screen as a video."
    ),
    FileProblem.NEW_PICTURE: _(
        "This is an AVIF or JPEG XL picture, which we don't read. Open it, take a screenshot of"
        " it, and send that; or save it as JPEG or PNG."
    ),
    FileProblem.RAW_PHOTO: _(
        "This is a raw photo or a TIFF, which we don't read. Turn raw off in the camera (on an"
        " iPhone: Settings › Camera › Formats) and take the photo again, or send it as JPEG."
    ),
    FileProblem.OTHER_PICTURE: _(
        "We don't read this kind of picture (BMP, PSD, JPEG 2000 or an icon). Save it as PNG or"
        " JPEG, or take a screenshot of it, and send that."
    ),
    FileProblem.DOCUMENT: _(
        "This is a document or an archive (such as PDF, Word or ZIP). Open it, take a"
        " screenshot of what it shows, and send that."
    ),
    FileProblem.WEB_PAGE: _(
        "This is a web page or a drawing (SVG). Open it, take a screenshot of it, and send that."
    ),
    FileProblem.SOUND: _(
        "This is a sound without a picture. Send a screenshot, or a video that shows the problem."
    ),
    FileProblem.OTHER_VIDEO: _(
        "We don't read this kind of video (AVI, WMV, FLV or MPEG). Set the recorder to MP4 (in"
        " OBS: Settings › Output › Recording Format) and record again, or send it as MP4."
    ),
    FileProblem.TOO_LARGE: _(
        "This file is too large. Send a picture of at most {picture_mb} MB (a screenshot of it"
        " is small) or a video of at most {video_mb} MB: on an iPhone with Settings › Camera ›"
        " Record Video › 720p HD, on Android with Camera › Settings › Video size › HD."
    ),
    FileProblem.TOO_MANY_PIXELS: _(
        "This picture or video has too many pixels. Send a screenshot, a photo of at most"
        " {megapixels} megapixels, or a video of at most 4K (on an iPhone: Settings › Camera ›"
        " Record Video › 1080p; on Android: Camera › Settings › Video size › FHD)."
    ),
    FileProblem.TOO_SMALL: _(
        "This is too small to show anything. Send one that is at least {min_side} pixels wide"
        " and high."
    ),
    FileProblem.ANIMATED: _(
        "This picture moves. Send a still screenshot, or record the screen as a video."
    ),
    FileProblem.TOO_SHORT: _(
        "This video is shorter than {min_duration:g} s. Send one between {min_duration:g} s and"
        " {max_duration:g} s long."
    ),
    FileProblem.TOO_LONG: _(
        "This video is longer than {max_duration:g} s. Send one between {min_duration:g} s and"
        " {max_duration:g} s long."
    ),
    FileProblem.TOO_MANY_FRAMES: _(
        "This video has more than {max_frames} frames. Record it at 30 or 60 frames a second"
        " with the camera's mode Video, not Slo-mo or Slow motion, and send that."
    ),
    FileProblem.TOO_MANY_STREAMS: _(
        "This video has more than {max_streams} tracks. Send it as it came from the camera or"
        " the screen recorder."
    ),
    FileProblem.TOO_HIGH_BIT_RATE: _(
        "This video holds more data a second than we can read. Record it with the phone's own"
        " camera or screen recorder in 1080p (on an iPhone, with Settings › Camera › Formats ›"
        " Apple ProRes off), and send that."
    ),
    FileProblem.TOO_COMPLEX: _(
        "This file is put together in a way that we don't read. Open it on your device, save or"
        " export it anew (a video as MP4, a picture as JPEG), and send that."
    ),
    FileProblem.NO_VIDEO: _(
        "There are no moving pictures in this file. Send a video that shows the problem."
    ),
    FileProblem.CODEC_NOT_ACCEPTED: _(
        "We can't read the encoding of this video. Record it again as H.264 or HEVC, and send"
        " that. On an iPhone: Settings › Camera › Formats › Most Compatible, with Apple ProRes"
        " off. On Android: Camera › Settings › Video format › H.264. On a computer: MP4 (H.264)"
        " or WebM."
    ),
    FileProblem.DAMAGED: _(
        "This file is damaged or incomplete. Check that it opens on your device, then send it"
        " once more, or make a new screenshot or recording."
    ),
    FileProblem.TOOK_TOO_LONG: _(
        "Reading this file took too long. Send a shorter or smaller recording, or a screenshot."
    ),
    FileProblem.USED_TOO_MUCH: _(
        "Reading this file takes more than we can give one file. Send a smaller picture, or a"
        " recording with fewer pixels."
    ),
    FileProblem.MALWARE: _(
        "Our malware scanner doesn't let this file through. Make a new screenshot or recording"
        " on another device, and send that."
    ),
    FileProblem.NOT_SCANNED: _(
        "This file is more than our malware scanner can take. Send a screenshot, or a shorter"
        " recording."
    ),
    FileProblem.LOST: _("We have lost part of this file, and are sorry. Send it once more."),
    FileProblem.NOT_CHECKED: _(
        "We could not check this file, and are sorry. Send it once more, or a new screenshot or"
        " recording."
    ),
    FileProblem.INTERRUPTED: _(
        "Our check of this file was interrupted each time we tried, and we are sorry. We found"
        " nothing wrong with the file. Send it once more."
    ),
}


def file_problem(problem: FileProblem, limits: Limits | None = None) -> str:
    """Return the sentence in the active language, with the numbers of `limits`."""
    limits = limits or Limits()
    return str(_SENTENCES[problem]).format_map(
        asdict(limits)
        | {
            "picture_mb": limits.max_picture_bytes // MEBIBYTE,
            "video_mb": limits.max_video_bytes // MEBIBYTE,
            "megapixels": limits.max_picture_pixels // 1_000_000,
        }
    )
