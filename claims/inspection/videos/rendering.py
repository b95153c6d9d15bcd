"""The rendering of a video: its claims are checked against the limits before it is decoded.

Runs in the confined child only.
"""

import os
from collections.abc import Iterable
from fractions import Fraction
from io import BufferedReader
from typing import Any, Final, NoReturn

import av
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from claims.inspection.container_structure import check_structure
from claims.inspection.file_metadata import of_video
from claims.inspection.findings import Findings, Refusal
from claims.inspection.formats import SNIFF_BYTES, Format, sniff
from claims.inspection.limits import Limits
from claims.inspection.report import FileProblem
from claims.inspection.videos.measures import check_duration, check_size
from claims.inspection.videos.transcoding import transcode

DEMUXERS: Final = {Format.MP4: "mov", Format.WEBM: "matroska"}

VIDEO_CODECS: Final = frozenset({"h264", "hevc", "vp8", "vp9", "av1"})
SOUND_CODECS: Final = frozenset(
    {"aac", "mp3", "opus", "vorbis", "alac", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_f32le"}
)
# FFmpeg's names of decoders. Opening a file may decode a frame or two to learn its format.
DECODERS: Final = VIDEO_CODECS | SOUND_CODECS | {"libdav1d", "mp3float", "libopus", "libvorbis"}

MICROSECOND: Final = Fraction(1, av.time_base)


def render(source: BufferedReader, limits: Limits, findings: Findings) -> None:
    """Write a video's renditions. Raises Refusal, and whatever FFmpeg raises for a bad file."""
    with _open(source, limits) as container:
        if len(container.streams) > limits.max_streams:
            raise Refusal(FileProblem.TOO_MANY_STREAMS)
        video = _video(container.streams.video)
        findings.codec = video.codec.canonical_name
        findings.said = of_video(container.metadata, video.metadata)
        _check_claims(container, video, limits, findings)
        size = os.fstat(source.fileno()).st_size
        _check_bit_rate(size, findings.duration, limits)
        sound = _sound(container.streams.audio)
        transcode(container, video, sound, lambda: source.tell() / size, limits, findings)


def _open(source: BufferedReader, limits: Limits) -> InputContainer:
    """Open the video with a demuxer of our choice, which can open nothing but these bytes.

    It knows no playlist formats, and no protocol is allowed.
    """
    recognised = sniff(source.read(SNIFF_BYTES))
    source.seek(0)
    if recognised is None or recognised not in DEMUXERS:
        raise Refusal(FileProblem.NOT_RECOGNISED)
    check_structure(source, recognised, limits)
    return av.open(
        source,
        mode="r",
        format=DEMUXERS[recognised],
        options={
            "protocol_whitelist": "none",
            "codec_whitelist": ",".join(sorted(DECODERS)),
            "max_pixels": str(limits.max_video_pixels),
            "threads": "1",
        },
        # Titles are dropped, so their encoding mustn't cause a failure.
        metadata_errors="ignore",
        io_open=_open_nothing,
    )


def _open_nothing(url: str, flags: int, options: dict[str, Any]) -> NoReturn:
    raise Refusal(FileProblem.NOT_RECOGNISED)


def _video(streams: Iterable[VideoStream]) -> VideoStream:
    """Return the first readable stream that a player shows; covers and thumbnails don't count."""
    moving = [stream for stream in streams if not stream.disposition & Disposition.attached_pic]
    if not moving:
        raise Refusal(FileProblem.NO_VIDEO)
    readable = [stream for stream in moving if _decoder(stream) in VIDEO_CODECS]
    if not readable:
        raise Refusal(FileProblem.CODEC_NOT_ACCEPTED)
    return max(readable, key=_is_on)


def _sound(streams: Iterable[AudioStream]) -> AudioStream | None:
    """Return the sound that a player plays; None if we can read none."""
    readable = [stream for stream in streams if _decoder(stream) in SOUND_CODECS]
    return max(readable, key=_is_on, default=None)


def _is_on(stream: Stream) -> bool:
    """Return True if the file has this stream switched on; players take the first such stream."""
    return bool(stream.disposition & Disposition.default)


def _decoder(stream: Stream) -> str | None:
    # The type stubs don't say so, but a stream that FFmpeg can't decode has no context.
    context: object = stream.codec_context
    return stream.codec_context.codec.canonical_name if context is not None else None


def _check_claims(
    container: InputContainer, video: VideoStream, limits: Limits, findings: Findings
) -> None:
    findings.width, findings.height = (video.codec_context.width, video.codec_context.height)
    check_size(findings.width, findings.height, limits)
    if video.frames > limits.max_frames:
        raise Refusal(FileProblem.TOO_MANY_FRAMES)
    findings.duration = _claimed_duration(container, video)
    # A live recording (a browser's WebM) doesn't state its duration.
    if findings.duration is not None:
        check_duration(findings.duration, limits)


def _check_bit_rate(size: int, duration: float | None, limits: Limits) -> None:
    """Check the bit rate by the claimed duration. Without one, only the size limits the work."""
    if duration and 8 * size / duration > limits.max_bit_rate:
        raise Refusal(FileProblem.TOO_HIGH_BIT_RATE)


def _claimed_duration(container: InputContainer, video: VideoStream) -> float | None:
    claims = [container.duration * MICROSECOND] if container.duration else []
    if video.duration and video.time_base:
        claims.append(video.duration * video.time_base)
    return float(max(claims)) if claims else None
