"""Pictures and videos in, a small upright WebP for lists out."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from claims.inspection import InspectionReport
from tests.claims.inspection.confinement.test_bare import chunks
from tests.claims.inspection.conftest import Inspector
from tests.claims.inspection.pictures.test_rendering import corners
from tests.media import encode_picture, make_corners, make_screenshot, make_video
from tests.reading import Page

BOX = 160


def thumbnail(into: Path) -> Image.Image:
    picture = Image.open(into / "thumbnail.webp", formats=["WEBP"])
    picture.load()
    return picture.convert("RGB")


def told(report: InspectionReport) -> tuple[int, int]:
    """Return the thumbnail's size from the report."""
    [made] = [made for made in report.renditions if made.name == "thumbnail.webp"]
    assert made.media_type == "image/webp"
    return made.width, made.height


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((390, 844), (74, 160)),
        ((1290, 2796), (74, 160)),
        ((2796, 1290), (160, 74)),
        ((3000, 2000), (160, 107)),
        ((500, 500), (160, 160)),
    ],
)
def test_a_picture_fits_the_box_whole(
    inspected: Inspector, into: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    report = inspected(encode_picture(make_corners(size)))
    assert thumbnail(into).size == told(report) == expected
    assert corners(thumbnail(into)) == ["red", "green", "blue", "white"]


@pytest.mark.parametrize("size", [(16, 16), (100, 60), (160, 160)])
def test_a_small_picture_is_not_enlarged(
    inspected: Inspector, into: Path, size: tuple[int, int]
) -> None:
    report = inspected(encode_picture(Image.new("RGB", size, "#888")))
    assert thumbnail(into).size == told(report) == size


@pytest.mark.parametrize("size", [(1080, 12_000), (800, 20_000), (16, 20_000)])
def test_of_a_long_screenshot_the_beginning_is_shown(
    inspected: Inspector, into: Path, size: tuple[int, int]
) -> None:
    """The whole would be a strip of a few pixels."""
    width = size[0]
    page = Image.new("RGB", size, "blue")
    ImageDraw.Draw(page).rectangle((0, 0, width, 2 * width), fill="red")
    report = inspected(encode_picture(page))
    shown = thumbnail(into)
    assert shown.size == told(report)
    assert 2 < shown.height / shown.width <= 2.2
    assert shown.width == (73 if width > BOX else pytest.approx(width, abs=3))
    for y in (0.02, 0.5, 0.85):
        red, _, blue = shown.getpixel((shown.width // 2, int(shown.height * y)))  # type: ignore[misc]  # RGB
        assert (red, blue) == (pytest.approx(255, abs=30), pytest.approx(0, abs=30))


def test_of_a_long_strip_the_left_end_is_shown(inspected: Inspector, into: Path) -> None:
    strip = Image.new("RGB", (6000, 300), "blue")
    ImageDraw.Draw(strip).rectangle((0, 0, 700, 300), fill="red")
    assert told(inspected(encode_picture(strip))) == (160, 73)
    assert thumbnail(into).getpixel((150, 36)) == pytest.approx((255, 0, 0), abs=40)


@pytest.mark.parametrize("file_format", ["png", "jpeg", "webp", "heic"])
def test_every_accepted_picture_has_one(inspected: Inspector, into: Path, file_format: str) -> None:
    assert told(inspected(make_screenshot(file_format=file_format))) == thumbnail(into).size


def test_a_turned_picture_is_upright(inspected: Inspector, into: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = make_corners((600, 400)).transpose(Image.Transpose.ROTATE_90)
    report = inspected(encode_picture(stored, "jpeg", exif=exif, quality=95))
    assert thumbnail(into).size == told(report) == (160, 107)
    assert corners(thumbnail(into)) == ["red", "green", "blue", "white"]


def test_a_turned_video_is_upright(inspected: Inspector, into: Path) -> None:
    stored = make_corners((480, 288)).transpose(Image.Transpose.ROTATE_270)
    report = inspected(make_video(rotation=90, size=stored.size, background=stored, seconds=1))
    assert thumbnail(into).size == told(report) == (160, 96)
    assert corners(thumbnail(into)) == ["red", "green", "blue", "white"]


def test_of_a_video_it_shows_the_poster(inspected: Inspector, into: Path) -> None:
    inspected(make_video(seconds=2.5, size=(180, 320), black=0.8))
    poster = Image.open(into / "poster.webp").convert("RGB")
    shown = thumbnail(into)
    expected = poster.resize(shown.size, Image.Resampling.LANCZOS)
    apart = [abs(a - b) for a, b in zip(shown.tobytes(), expected.tobytes(), strict=True)]
    assert sum(apart) / len(apart) < 8


def test_it_holds_pixels_alone_and_few_bytes(inspected: Inspector, into: Path) -> None:
    """The page is full of small text, which takes more bytes than other screenshots."""
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    page = Page((1290, 2796), letter=30, rows=40).draw()
    assert inspected(encode_picture(page, "jpeg", exif=exif)).ok
    made = (into / "thumbnail.webp").read_bytes()
    assert set(chunks(made)) == {b"VP8 "}
    assert len(made) < 6 * 1024
    assert not Image.open(io.BytesIO(made)).getexif()
