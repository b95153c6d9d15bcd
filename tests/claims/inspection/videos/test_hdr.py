"""HDR recordings of phones, shown on an ordinary screen."""

import colorsys
from itertools import pairwise
from pathlib import Path

import av
import pytest
from av.video.reformatter import ColorPrimaries, ColorTrc
from PIL import Image

from claims.inspection import orchestration
from claims.inspection.videos.tone_curves import STEPS, cube, needs_mapping
from tests.claims.inspection.conftest import Inspector
from tests.claims.inspection.videos.test_rendering import first_picture
from tests.hdr import PATCH, Nits, make_hdr_video
from tests.media import make_video

PQ, HLG = ColorTrc.SMPTE2084, ColorTrc.ARIB_STD_B67
BOTH = pytest.mark.parametrize("transfer", [PQ, HLG], ids=["pq", "hlg"])
WHITE = 203.0
GREYS: list[Nits] = [(light,) * 3 for light in (0.0, 10.0, 40.0, 100.0, WHITE, 400.0, 900.0)]
COLOURS: dict[str, Nits] = {
    "red": (WHITE, 0, 0),
    "green": (0, WHITE, 0),
    "blue": (0, 0, WHITE),
    "orange": (150, 60, 8),
    "skin": (120, 75, 55),
    "bright red": (600, 10, 10),
    "bright sky": (150, 300, 700),
}
READ_PLAINLY = """\
from claims.inspection.confinement import child
from claims.inspection.videos import orientation, rendering
orientation.needs_mapping = lambda primaries, transfer: False
child.answer(rendering.render)
"""


def patches_of(picture: Image.Image) -> list[tuple[int, int, int]]:
    found = []
    for left in range(PATCH // 2, picture.width, PATCH):
        pixel = picture.getpixel((left, PATCH // 2))
        assert isinstance(pixel, tuple)
        found.append((pixel[0], pixel[1], pixel[2]))
    return found


def hue(colour: Nits | tuple[int, int, int], exponent: float = 1.0) -> float:
    """Return the hue of light, in degrees."""
    return 360 * colorsys.rgb_to_hsv(*((part / 255) ** exponent for part in colour))[0]


def apart(one: float, other: float) -> float:
    return min(abs(one - other), 360 - abs(one - other))


@BOTH
def test_greys_of_hdr_look_like_greys(inspected: Inspector, into: Path, transfer: ColorTrc) -> None:
    report = inspected(make_hdr_video(GREYS, transfer))
    assert (report.ok, report.codec) == (True, "hevc")
    shown = patches_of(first_picture(into / "video.mp4"))
    for grey in shown:
        assert max(grey) - min(grey) <= 4
    levels = [grey[1] for grey in shown]
    black, dim, dark, middle, white, *_ = levels
    assert black <= 4
    # Below the knee: the signal that an ordinary screen shows for that light.
    for level, nits in ((dim, 10), (dark, 40), (middle, 100)):
        assert level == pytest.approx(255 * (nits / WHITE) ** (1 / 2.2), abs=8)
    assert 220 <= white <= 240, "a page is white, with room above for what is brighter"
    assert all(high - low >= 5 for low, high in pairwise(levels)), "nothing clips flat"


@BOTH
def test_colours_of_hdr_keep_their_hue(
    inspected: Inspector, into: Path, transfer: ColorTrc
) -> None:
    assert inspected(make_hdr_video(list(COLOURS.values()), transfer)).ok
    for colour, shown in zip(
        COLOURS.values(), patches_of(first_picture(into / "video.mp4")), strict=True
    ):
        assert apart(hue(colour), hue(shown, 2.2)) < 8, (colour, shown)
        assert max(shown) - min(shown) >= 40, "no grey veil"


@BOTH
def test_poster_of_hdr_has_the_same_colours(
    inspected: Inspector, into: Path, transfer: ColorTrc
) -> None:
    patches = [*COLOURS.values(), *GREYS]
    inspected(make_hdr_video(patches, transfer))
    poster = patches_of(Image.open(into / "poster.webp").convert("RGB"))
    video = patches_of(first_picture(into / "video.mp4"))
    for one, other in zip(poster, video, strict=True):
        assert one == pytest.approx(other, abs=14)


@BOTH
def test_hdr_would_look_pale_if_it_were_read_plainly(
    inspected: Inspector, into: Path, transfer: ColorTrc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant: without the mapping, white is grey and red is brownish."""
    monkeypatch.setattr(orchestration, "WORK", {**orchestration.WORK, "video": READ_PLAINLY})
    assert inspected(make_hdr_video([(WHITE,) * 3, (WHITE, 0, 0)], transfer)).ok
    white, red = patches_of(first_picture(into / "video.mp4"))
    assert white[1] < 205
    assert red[1] > 60


def test_rendition_of_hdr_says_that_it_is_ordinary(inspected: Inspector, into: Path) -> None:
    inspected(make_hdr_video([(WHITE,) * 3], PQ))
    with av.open(str(into / "video.mp4"), "r") as made:
        frame = next(made.decode(video=0))
        assert (frame.format.name, frame.colorspace, frame.color_primaries, frame.color_trc) == (
            "yuv420p", 1, 1, 1,
        )  # fmt: skip
    assert {path.name for path in into.iterdir()} == {"video.mp4", "poster.webp", "thumbnail.webp"}


def test_turned_hdr_is_upright(inspected: Inspector, into: Path) -> None:
    assert inspected(make_video(1, (128, 96), 5, "hevc", "mov", rotation=90, audio=False)).ok
    assert first_picture(into / "video.mp4").size == (96, 128)


@pytest.mark.parametrize(
    ("primaries", "transfer", "mapped"),
    [(1, 1, False), (2, 2, False), (6, 6, False), (9, 14, True), (12, 1, True), (9, 16, True)],
)
def test_only_hdr_and_wide_colours_are_mapped(primaries: int, transfer: int, mapped: bool) -> None:
    assert needs_mapping(primaries, transfer) is mapped


@pytest.mark.parametrize("transfer", [PQ, HLG, ColorTrc.BT2020_10])
def test_table_is_whole_and_ends_in_white(transfer: ColorTrc) -> None:
    lines = list(cube(ColorPrimaries.BT2020, transfer))
    assert len(lines) == 1 + STEPS**3
    assert lines[1] == "0.00000 0.00000 0.00000\n"
    assert lines[-1] == "1.00000 1.00000 1.00000\n"
    assert all(0 <= float(part) <= 1 for line in lines[1:] for part in line.split())
