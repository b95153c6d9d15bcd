"""Pictures in, plain upright WebP out."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageCms, ImageDraw, ImageFont, PngImagePlugin

from claims.inspection import InspectionReport
from tests.claims.inspection.conftest import Inspector
from tests.media import draw_screenshot, encode_picture, make_corners, make_screenshot

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def rendition(into: Path) -> Image.Image:
    picture = Image.open(into / "picture.webp", formats=["WEBP"])
    picture.load()
    return picture.convert("RGB")


def corners(picture: Image.Image) -> list[str]:
    """Return the names of the colours in the quarters, clockwise from the top left."""
    width, height = picture.size
    names = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    found = []
    for x, y in ((1, 1), (3, 1), (3, 3), (1, 3)):
        pixel = picture.getpixel((width * x // 4, height * y // 4))
        assert isinstance(pixel, tuple)
        distance = {
            name: sum(abs(a - b) for a, b in zip(pixel, colour, strict=True))
            for name, colour in names.items()
        }
        found.append(min(distance, key=lambda name: distance[name]))
    return found


@pytest.mark.parametrize("file_format", ["png", "jpeg", "webp", "heic"])
def test_every_accepted_picture_becomes_webp(
    inspected: Inspector, into: Path, file_format: str
) -> None:
    data = make_screenshot(file_format=file_format)
    report = inspected(data)
    assert report.ok
    assert (report.kind, report.format, report.codec) == ("screenshot", file_format, None)
    assert (report.width, report.height) == (390, 844)
    assert (report.size, report.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    made, _thumbnail = report.renditions
    written = (into / made.name).read_bytes()
    assert (made.name, made.media_type) == ("picture.webp", "image/webp")
    assert (made.size, made.sha256) == (len(written), hashlib.sha256(written).hexdigest())
    assert rendition(into).size == (made.width, made.height) == (390, 844)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_picture_is_turned_upright(inspected: Inspector, into: Path, orientation: int) -> None:
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = make_corners((120, 80))
    if orientation in back:
        stored = stored.transpose(back[orientation])
    exif = Image.Exif()
    exif[0x0112] = orientation
    report = inspected(encode_picture(stored, "jpeg", exif=exif, quality=95))
    assert (report.width, report.height) == (120, 80)
    assert corners(rendition(into)) == ["red", "green", "blue", "white"]


def test_heic_is_turned_upright(inspected: Inspector, into: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stored = make_corners((160, 120)).transpose(Image.Transpose.ROTATE_90)
    report = inspected(encode_picture(stored, "heic", exif=exif.tobytes(), quality=95))
    assert (report.width, report.height) == (160, 120)
    assert corners(rendition(into)) == ["red", "green", "blue", "white"]


def test_metadata_is_gone(inspected: Inspector, into: Path) -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 26.0), 3: "W", 4: (0.0, 7.0, 39.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = make_screenshot(
        file_format="jpeg",
        exif=exif,
        icc_profile=profile,
        comment=b"SecretPhone",
        xmp=b"<x:Secret/>",
    )
    assert data.count(b"Secret") == 3
    assert inspected(data).ok
    made = Image.open(into / "picture.webp")
    made.load()
    assert not {"exif", "icc_profile", "xmp"} & made.info.keys()
    assert b"Secret" not in (into / "picture.webp").read_bytes()


def test_text_chunk_is_gone(inspected: Inspector, into: Path) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "SecretPerson")
    assert inspected(make_screenshot(pnginfo=notes)).ok
    assert b"Secret" not in (into / "picture.webp").read_bytes()


def test_archive_behind_a_picture_does_not_reach_the_rendition(
    inspected: Inspector, into: Path
) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("script.html", "<script>alert(1)</script>")
    polyglot = make_screenshot() + archive.getvalue()
    assert zipfile.is_zipfile(io.BytesIO(polyglot))
    assert inspected(polyglot).ok
    made = (into / "picture.webp").read_bytes()
    assert not zipfile.is_zipfile(io.BytesIO(made))
    assert b"<script>" not in made


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((6000, 3000), (5792, 2896)),
        ((800, 20_000), (655, 16_383)),
        ((1080, 12_000), (1080, 12_000)),
    ],
)
def test_large_picture_is_scaled_to_a_number_of_pixels(
    inspected: Inspector, into: Path, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    report = inspected(encode_picture(Image.new("RGB", size, "#ddd"), "jpeg"))
    assert (report.width, report.height) == size
    assert rendition(into).size == expected


def test_small_picture_is_not_enlarged(inspected: Inspector, into: Path) -> None:
    inspected(make_screenshot(size=(301, 77)))
    assert rendition(into).size == (301, 77)


def test_transparent_parts_become_white(inspected: Inspector, into: Path) -> None:
    inspected(encode_picture(Image.new("RGBA", (64, 64), (0, 0, 0, 0)), "png"))
    assert rendition(into).getpixel((32, 32)) == WHITE


@pytest.mark.parametrize(("mode", "colour"), [("1", 1), ("L", 200), ("P", 3), ("I;16", 51200)])
def test_other_kinds_of_pixels_are_read(
    inspected: Inspector, into: Path, mode: str, colour: int
) -> None:
    report = inspected(encode_picture(Image.new(mode, (64, 64), colour), "png"))
    assert report.ok
    assert rendition(into).size == (64, 64)
    if mode in {"L", "I;16"}:
        assert rendition(into).getpixel((9, 9)) == pytest.approx((200, 200, 200), abs=2)


def test_print_colours_are_read(inspected: Inspector, into: Path) -> None:
    assert inspected(encode_picture(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "jpeg")).ok
    assert rendition(into).getpixel((9, 9)) == pytest.approx(RED, abs=40)


def test_colours_of_a_profile_are_kept(inspected: Inspector, into: Path) -> None:
    """Lab's neutral axis differs from any plain reading of the same numbers."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    grey = encode_picture(Image.new("RGB", (64, 64), (120, 120, 120)), "png", icc_profile=lab)
    assert inspected(grey).ok
    assert rendition(into).getpixel((9, 9)) == pytest.approx((120, 120, 120), abs=3)


def test_text_of_a_screenshot_stays_legible(inspected: Inspector, into: Path) -> None:
    """The letters are 12 pixels high: the rendition must differ from the original by less than a
    fifth of the difference that one changed digit makes.
    """
    font = ImageFont.load_default(size=12)
    pictures = []
    for code in ("+44 7700 900123", "+44 7700 900128"):
        picture = Image.new("RGB", (200, 24), "white")
        ImageDraw.Draw(picture).text((4, 4), code, fill="black", font=font)
        pictures.append(picture)
    inspected(encode_picture(pictures[0], "png"))
    made = rendition(into)
    assert difference(made, pictures[0]) < difference(made, pictures[1]) / 5


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the squared difference in the place of the last digit."""
    box = (84, 0, 110, 24)
    first, second = (picture.convert("L").crop(box).tobytes() for picture in (one, other))
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True))


@pytest.mark.parametrize("file_format", ["png", "webp"])
def test_animated_picture_is_refused(inspected: Inspector, into: Path, file_format: str) -> None:
    frames = [draw_screenshot(size=(64, 64)), make_corners((64, 64))]
    data = encode_picture(frames[0], file_format, save_all=True, append_images=[frames[1]])
    report: InspectionReport = inspected(data)
    assert (report.ok, report.problem) == (False, "animated")
    assert not list(into.iterdir())
