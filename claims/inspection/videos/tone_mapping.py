"""Chains of FFmpeg's filters, and the one that maps HDR colours."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final

from av.filter import Graph
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc

from claims.inspection.findings import COLOUR_TABLE
from claims.inspection.videos.tone_curves import cube

Filter = tuple[str, str]
"""A filter's name and arguments."""

THREADS: Final = 2


def make_graph(frame: VideoFrame, filters: Sequence[Filter]) -> Graph:
    """Return a chain of filters for frames of this one's size and format."""
    graph = Graph()
    graph.threads = THREADS
    nodes = [
        graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=Fraction(1, 90_000),
        ),
        *(graph.add(name, arguments or None) for name, arguments in filters),
        graph.add("buffersink"),
    ]
    for left, right in pairwise(nodes):
        left.link_to(right)
    graph.configure()
    return graph


class Mapper:
    """The scaling of frames with HDR or wide colours, and their conversion to 8-bit BT.709."""

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._made_for: tuple[object, ...] = ()

    def map(self, frame: VideoFrame, size: tuple[int, int]) -> VideoFrame:
        kind = (frame.width, frame.height, frame.format.name, _reading(frame), size)
        if self._graph is None or self._made_for != kind:
            self._graph, self._made_for = self._make_graph(frame, size), kind
        self._graph.vpush(frame)
        mapped = self._graph.vpull()
        mapped.colorspace = Colorspace.ITU709
        mapped.color_primaries = ColorPrimaries.BT709
        mapped.color_trc = ColorTrc.BT709
        mapped.color_range = ColorRange.MPEG
        return mapped

    @staticmethod
    def _make_graph(frame: VideoFrame, size: tuple[int, int]) -> Graph:
        width, height = size
        with Path(COLOUR_TABLE).open("w") as lines:
            lines.writelines(cube(frame.color_primaries, frame.color_trc))
        return make_graph(
            frame,
            [
                ("scale", f"{width}:{height}:flags=bicubic:{_reading(frame)}"),
                ("format", "gbrp10"),
                ("lut3d", f"file={COLOUR_TABLE}:interp=tetrahedral"),
                ("scale", "out_color_matrix=bt709:out_range=tv"),
                ("format", "yuv420p"),
            ],
        )


def _reading(frame: VideoFrame) -> str:
    full = frame.color_range == ColorRange.JPEG
    matrix = "bt2020" if frame.colorspace == Colorspace.BT2020 else "bt709"
    return f"in_color_matrix={matrix}:in_range={'pc' if full else 'tv'}"
