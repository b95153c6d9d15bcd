"""The size and the orientation of a video's frames as they are shown."""

import struct
from collections.abc import Mapping
from fractions import Fraction
from typing import Final, cast

from av.filter import Graph
from av.sidedata.sidedata import SideData, Type
from av.video.frame import VideoFrame

from claims.inspection.limits import Limits
from claims.inspection.videos.measures import fit
from claims.inspection.videos.tone_curves import needs_mapping
from claims.inspection.videos.tone_mapping import Mapper, make_graph

# The FFmpeg filters for a display matrix, by the signs of its a, b, c and d (ISO 14496-12).
TURNS: Final[dict[tuple[int, ...], tuple[tuple[str, str], ...]]] = {
    (0, 1, -1, 0): (("transpose", "clock"),),
    (-1, 0, 0, -1): (("hflip", ""), ("vflip", "")),
    (0, -1, 1, 0): (("transpose", "cclock"),),
    (-1, 0, 0, 1): (("hflip", ""),),
    (1, 0, 0, -1): (("vflip", ""),),
    (0, 1, 1, 0): (("transpose", "cclock_flip"),),
    (0, -1, -1, 0): (("transpose", "clock_flip"),),
}

HIGH_DEFINITION: Final = 720
"""The least number of lines for which players assume BT.709 if the colours are unlabelled."""

UNLABELLED: Final = 2

SQUARE: Final = Fraction(1)
FLATTEST: Final = 4
"""The highest ratio of a pixel's sides; a higher one is a fault of the file."""


class Upright:
    """The size and the turn of a whole rendition, taken from its first frame."""

    def __init__(self, frame: VideoFrame, aspect: Fraction | None, limits: Limits) -> None:
        self._turn = TURNS.get(_signs(frame), ())
        self._source = frame.width, frame.height
        self._mapper = Mapper()
        self._graph: Graph | None = None
        self._graph_size = (0, 0)
        if not aspect or not 1 / FLATTEST <= aspect <= FLATTEST:
            aspect = SQUARE
        shown = round(frame.width * aspect), frame.height
        self._box = fit(*shown, limits.video_longest_side, limits.video_shortest_side)
        sideways = any(name == "transpose" for name, _ in self._turn)
        self.original = shown[::-1] if sideways else shown
        self.size = self._box[::-1] if sideways else self._box

    def show(self, frame: VideoFrame) -> VideoFrame:
        """Return the frame upright, in 8 bits and in the rendition's size."""
        inner = self._inner_size(frame)
        unlabelled = frame.colorspace == UNLABELLED and frame.height >= HIGH_DEFINITION
        if needs_mapping(frame.color_primaries, frame.color_trc):
            scaled = self._mapper.map(frame, inner)
        else:
            scaled = frame.reformat(
                *inner,
                "yuv420p",
                src_colorspace="ITU709" if unlabelled else None,
                dst_colorspace="ITU709",
                dst_color_range="MPEG",
                interpolation="BICUBIC",
            )
        if not self._turn and inner == self._box:
            return scaled
        if self._graph is None or self._graph_size != inner:
            self._graph, self._graph_size = self._make_graph(scaled), inner
        self._graph.vpush(scaled)
        return self._graph.vpull()

    def _inner_size(self, frame: VideoFrame) -> tuple[int, int]:
        """Return the size of a frame inside the rendition, in the frame's own proportions.

        A recorded window can change its size.
        """
        if (frame.width, frame.height) == self._source:
            return self._box
        scale = min(self._box[0] / frame.width, self._box[1] / frame.height)
        scaled = round(frame.width * scale), round(frame.height * scale)
        return fit(*scaled, max(self._box), min(self._box))

    def _make_graph(self, frame: VideoFrame) -> Graph:
        width, height = self._box
        pad = ("pad", f"{width}:{height}:(ow-iw)/2:(oh-ih)/2")
        return make_graph(frame, [pad, *self._turn])


def _signs(frame: VideoFrame) -> tuple[int, ...]:
    matrix = cast("Mapping[Type, SideData]", frame.side_data).get(Type.DISPLAYMATRIX)
    if matrix is None:
        return ()
    a, b, _, c, d = struct.unpack("=5i", bytes(matrix)[:20])
    largest = max(abs(number) for number in (a, b, c, d))
    # Half of the largest number or less counts as zero, which gives the nearest turn.
    return tuple((number > largest / 2) - (number < -largest / 2) for number in (a, b, c, d))
