"""Makes the pictures and videos that tests send: plain functions, real encoders."""

import io
import math
import os
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import wraps
from typing import Any, ParamSpec

import av
import pillow_heif
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageDraw, ImageFont

PILLOW_NAMES = {"png": "PNG", "jpeg": "JPEG", "webp": "WEBP", "heic": "HEIF"}
ENCODERS = {
    "h264": "libx264",
    "hevc": "libx265",
    "vp8": "libvpx",
    "vp9": "libvpx-vp9",
    "av1": "libsvtav1",
    "mpeg4": "mpeg4",
}
FASTEST = {
    "libx264": {"preset": "ultrafast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libvpx": {"deadline": "realtime", "cpu-used": "8"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libsvtav1": {"preset": "11"},
}
SOUND_RATE = 48_000

STATUS = "9:41                                   5G  87%"
CHAT = (
    "Telegram",
    "Enter the code we sent to +44 7700 900123",
    "This number is banned.",
    "Two-step verification is on.",
)


P = ParamSpec("P")
KEPT_BYTES = 1_000_000


def made_once(make: Callable[P, bytes]) -> Callable[P, bytes]:
    """Encode the file once for the same arguments, and keep it if it is small."""
    kept: dict[Any, bytes] = {}

    @wraps(make)
    def wrapped(*args: P.args, **words: P.kwargs) -> bytes:
        key = (args, tuple(sorted(words.items())))
        try:
            if key in kept:
                return kept[key]
        except TypeError:  # an argument has no hash
            return make(*args, **words)
        made = make(*args, **words)
        if len(made) <= KEPT_BYTES:
            kept[key] = made
        return made

    return wrapped


def draw_screenshot(
    text: str = "This phone number is invalid", size: tuple[int, int] = (390, 844)
) -> Image.Image:
    """Draw a phone's chat window with `text` in its last bubble."""
    picture = Image.new("RGB", size, "#e7ebf0")
    draw = ImageDraw.Draw(picture)
    unit = max(8, min(size) // 26)
    font = ImageFont.load_default(size=unit)
    draw.rectangle((0, 0, size[0], unit * 3), fill="#517da2")
    draw.text((unit, unit), STATUS, fill="white", font=font)
    top = unit * 4
    for at, line in enumerate((*CHAT, text)):
        left = unit * (1 + 3 * (at % 2))
        box = draw.textbbox((left + unit, top + unit // 2), line, font=font)
        bubble = (left, top, box[2] + unit, box[3] + unit // 2)
        draw.rounded_rectangle(bubble, radius=unit // 2, fill=("white", "#d9fdd3")[at % 2])
        draw.text((left + unit, top + unit // 2), line, fill="#101010", font=font)
        top = int(bubble[3]) + unit // 2
    return picture


def encode_picture(picture: Image.Image, file_format: str = "png", **options: Any) -> bytes:
    """Return the picture as a file's bytes; `options` are Pillow's."""
    if file_format == "heic":
        pillow_heif.register_heif_opener()
    target = io.BytesIO()
    picture.save(target, PILLOW_NAMES[file_format], **options)
    return target.getvalue()


@made_once
def make_screenshot(
    text: str = "This phone number is invalid",
    size: tuple[int, int] = (390, 844),
    file_format: str = "png",
    **options: Any,
) -> bytes:
    """Return a screenshot's bytes: png, jpeg, webp or heic."""
    return encode_picture(draw_screenshot(text, size), file_format, **options)


def make_corners(size: tuple[int, int]) -> Image.Image:
    """Return red, green, blue and white quarters, clockwise from the top left, to show any turn."""
    picture = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(picture)
    width, height = size[0] // 2, size[1] // 2
    draw.rectangle((0, 0, width - 1, height - 1), fill="red")
    draw.rectangle((width, 0, size[0], height - 1), fill="lime")
    draw.rectangle((width, height, size[0], size[1]), fill="blue")
    return picture


@made_once
def make_video(
    seconds: float = 1.5,
    size: tuple[int, int] = (160, 284),
    fps: int | Fraction = 15,
    codec: str = "h264",
    container: str = "mp4",
    rotation: int = 0,
    audio: bool = True,
    pix_fmt: str = "yuv420p",
    background: Image.Image | None = None,
    metadata: dict[str, str] | None = None,
    any_tags: bool = False,
    start: float = 0.0,
    live: bool = False,
    mirror: tuple[bool, bool] = (False, False),
    black: float = 0.0,
    pixel_aspect: Fraction | None = None,
) -> bytes:
    """Return a recording of a screen on which a bar moves, with a tone unless `audio` is off.

    `rotation` is written as the display matrix, in degrees counter-clockwise. `live` writes WebM as
    a browser does: without a duration, and to a file that can't be rewound. `any_tags` keeps all of
    `metadata` in an MP4 or MOV file, as iPhones write it; otherwise the few names that old players
    know. `mirror` flips it left to right and upside down, again in the matrix; the first `black`
    seconds are black.
    """
    target: io.BytesIO = _OneWay() if live else io.BytesIO()
    options = {"live": "1"} if live else {}
    options |= {"movflags": "use_metadata_tags"} if any_tags else {}
    with _usual_pace(), av.open(target, "w", format=container, options=options) as output:
        output.metadata.update(metadata or {})
        video = _add_video(output, codec, fps, size, pix_fmt, pixel_aspect)
        if rotation or any(mirror):
            video.set_display_rotation(rotation, *mirror)
        sound_codec = "libopus" if container == "webm" else "aac"
        sound = _add_sound(output, sound_codec) if audio else None
        shown = background or draw_screenshot(size=size)
        for frame in _moving(shown, round(seconds * fps), fps, start, black):
            output.mux(video.encode(frame))
        output.mux(video.encode(None))
        if sound:
            _write_tone(output, sound, seconds, start)
    return target.getvalue()


@contextmanager
def _usual_pace() -> Iterator[None]:
    """Restore the thread's scheduling: the encoder of AV1 makes its caller a real-time thread, if
    it may, so the threads of other encoders never run and the tests hang.
    """
    if sys.platform != "linux":
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


def make_resized_video(*sizes: tuple[int, int]) -> bytes:
    """Return a WebM recording of a window that changes its size after each second."""
    target = io.BytesIO()
    parts = [make_video(1, size, codec="vp8", container="webm", audio=False) for size in sizes]
    with av.open(target, "w", format="webm") as output:
        stream: VideoStream | None = None
        for second, part in enumerate(parts):
            with av.open(io.BytesIO(part), "r") as source:
                stream = stream or output.add_stream_from_template(source.streams.video[0])
                for packet in source.demux(video=0):
                    if packet.dts is None or packet.pts is None:
                        continue
                    packet.pts, packet.dts = packet.pts + 1000 * second, packet.dts + 1000 * second
                    packet.stream = stream
                    output.mux(packet)
    return target.getvalue()


def make_sound(seconds: float = 1.0, codec: str = "aac") -> bytes:
    """Return a tone in an MP4 file that has no moving pictures."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as output:
        _write_tone(output, _add_sound(output, codec), seconds, 0.0)
    return target.getvalue()


def _add_video(
    output: OutputContainer,
    codec: str,
    fps: int | Fraction,
    size: tuple[int, int],
    pix_fmt: str,
    pixel_aspect: Fraction | None,
) -> VideoStream:
    encoder = ENCODERS[codec]
    stream = output.add_stream(encoder, rate=fps, options=FASTEST.get(encoder, {}))
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = size
    stream.pix_fmt = pix_fmt
    if pixel_aspect:
        stream.codec_context.sample_aspect_ratio = pixel_aspect
    return stream


def _add_sound(output: OutputContainer, codec: str) -> AudioStream:
    stream = output.add_stream(codec, rate=SOUND_RATE, layout="mono")
    assert isinstance(stream, AudioStream)
    return stream


class _OneWay(io.BytesIO):
    def seekable(self) -> bool:
        return False


def _moving(
    background: Image.Image, count: int, fps: int | Fraction, start: float, black: float
) -> Iterator[VideoFrame]:
    width, height = background.size
    for number in range(count):
        dark = number < black * fps
        picture = Image.new("RGB", background.size) if dark else background.copy()
        left = width * number // count
        if not dark:
            bar = (left, height * 9 // 10, left + width // 10, height)
            ImageDraw.Draw(picture).rectangle(bar, fill="#b00020")
        frame = VideoFrame.from_image(picture)
        frame.pts, frame.time_base = number + round(start * fps), 1 / Fraction(fps)
        yield frame


def _write_tone(output: OutputContainer, stream: AudioStream, seconds: float, start: float) -> None:
    samples = SOUND_RATE // 10
    tone = struct.pack(
        f"={samples}h",
        *(round(8000 * math.sin(math.tau * 440 * at / SOUND_RATE)) for at in range(samples)),
    )
    for number in range(round(seconds * 10)):
        frame = AudioFrame(format="s16", layout="mono", samples=samples)
        frame.planes[0].update(tone)
        frame.sample_rate = SOUND_RATE
        frame.pts = number * samples + round(start * SOUND_RATE)
        frame.time_base = Fraction(1, SOUND_RATE)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))
