"""Makes HDR recordings of flat patches, from light to signal: the reverse of the code."""

import io
import math
import struct
from fractions import Fraction

import av
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc
from av.video.stream import VideoStream

Nits = tuple[float, float, float]
"""Red, green and blue of BT.709, in candelas a square metre."""

PATCH = 64
"""Pixels across. x265 writes past the end of its memory for very small pictures."""

HEIGHT = 160

BT709_TO_BT2020 = (
    (0.6274, 0.3293, 0.0433),
    (0.0691, 0.9195, 0.0114),
    (0.0164, 0.0880, 0.8956),
)


def make_hdr_video(patches: list[Nits], transfer: ColorTrc, seconds: float = 1.0) -> bytes:
    """Return a MOV of HEVC Main 10 in BT.2020, with the patches side by side."""
    target = io.BytesIO()
    picture = _patches([_signal(patch, transfer) for patch in patches])
    with av.open(target, "w", format="mov") as output:
        options = {"preset": "ultrafast", "x265-params": "log-level=none", "crf": "8"}
        stream = output.add_stream("libx265", rate=5, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = picture.width, picture.height
        stream.pix_fmt = "yuv420p10le"
        context = stream.codec_context
        context.color_primaries = ColorPrimaries.BT2020
        context.color_trc = transfer
        context.colorspace = Colorspace.BT2020
        context.color_range = ColorRange.MPEG
        coded = picture.reformat(
            format="yuv420p10le", dst_colorspace="BT2020", dst_color_range="MPEG"
        )
        for number in range(round(seconds * 5)):
            coded.pts, coded.time_base = number, Fraction(1, 5)
            output.mux(stream.encode(coded))
        output.mux(stream.encode(None))
    return target.getvalue()


def _signal(nits: Nits, transfer: ColorTrc) -> Nits:
    red, green, blue = (
        sum(a * b for a, b in zip(row, nits, strict=True)) for row in BT709_TO_BT2020
    )
    if transfer == ColorTrc.SMPTE2084:
        return _to_pq(red), _to_pq(green), _to_pq(blue)
    luminance = (0.2627 * red + 0.678 * green + 0.0593 * blue) / 1000
    gain = luminance ** (1 / 1.2 - 1) / 1000 if luminance else 0.0
    return _to_hlg(red * gain), _to_hlg(green * gain), _to_hlg(blue * gain)


def _to_pq(nits: float) -> float:
    """Convert light to a signal by SMPTE ST 2084."""
    part = (nits / 10_000) ** (2610 / 16384)
    return float(((3424 / 4096 + 2413 / 128 * part) / (1 + 2392 / 128 * part)) ** (2523 / 32))


def _to_hlg(scene: float) -> float:
    """Convert light to a signal by BT.2100."""
    if scene <= 1 / 12:
        return math.sqrt(3 * scene)
    return 0.17883277 * math.log(12 * min(1.0, scene) - 0.28466892) + 0.55991073


def _patches(signals: list[Nits]) -> VideoFrame:
    frame = VideoFrame(PATCH * len(signals), HEIGHT, "gbrp10le")
    for plane, part in zip(frame.planes, (1, 2, 0), strict=True):
        row = b"".join(struct.pack("<H", round(signal[part] * 1023)) * PATCH for signal in signals)
        plane.update(row.ljust(plane.line_size, b"\0") * HEIGHT)
    return frame
