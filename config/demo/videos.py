"""Screen recordings of the same screens, bubble by bubble, with a finger that taps."""

import io
from collections.abc import Iterator
from fractions import Fraction

import av
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image, ImageDraw

from config.demo import pictures
from config.demo.pictures import Shot

SIZE = (360, 640)
RATE = 10
"""Frames a second, which are enough for a screen with little motion."""
SECONDS = 4.0


def record(shot: Shot, *, seconds: float = SECONDS) -> bytes:
    """Return an MP4 of the screen, bubble by bubble up to the alert."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        if not isinstance(stream, VideoStream):
            raise TypeError("libx264 makes a video stream.")
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for number, picture in enumerate(_frames(shot, round(seconds * RATE))):
            frame = VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]  # not in the stubs
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return target.getvalue()


def _frames(shot: Shot, count: int) -> Iterator[Image.Image]:
    scenes = [
        pictures.draw(shot, shown=shown, alert=False).resize(SIZE)
        for shown in range(1, len(shot.screen.bubbles) + 1)
    ]
    scenes.append(pictures.draw(shot).resize(SIZE))
    for number in range(count):
        picture = scenes[number * len(scenes) // count].copy()
        _draw_finger(picture, number / count)
        yield picture


def _draw_finger(picture: Image.Image, progress: float) -> None:
    x = 60 + 240 * abs(1 - 2 * progress)
    y = 540 - 160 * progress
    ImageDraw.Draw(picture).ellipse((x - 14, y - 14, x + 14, y + 14), outline="#5f6670", width=4)
