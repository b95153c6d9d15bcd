"""The renditions of a picture: it is decoded and drawn anew as WebP, in the confined child only."""

import io
import math
import warnings
from collections.abc import Callable
from contextlib import suppress
from io import BufferedReader
from typing import Final

from PIL import ExifTags, Image, ImageCms, ImageFile

from claims.inspection.container_structure import check_structure
from claims.inspection.file_metadata import of_picture
from claims.inspection.findings import PICTURE, THUMBNAIL, Findings, Refusal
from claims.inspection.fingerprints import fingerprint
from claims.inspection.formats import SNIFF_BYTES, Format, sniff
from claims.inspection.limits import Limits
from claims.inspection.pictures.thumbnails import save_thumbnail
from claims.inspection.pictures.webp import canvas_of, save_plain
from claims.inspection.report import FileProblem

READERS: Final = {Format.PNG: "PNG", Format.JPEG: "JPEG", Format.WEBP: "WEBP", Format.HEIC: "HEIF"}

# Formats whose further pictures are an animation. In a phone's JPEG or HEIC the further pictures
# are depth or a gain map, and the first is the photo.
MOVING: Final = frozenset({Format.PNG, Format.WEBP})

# The values of EXIF 2.3's orientation, tag 0x0112.
UPRIGHT: Final = 1
FIRST_SIDEWAYS: Final = 5
TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def render(source: BufferedReader, limits: Limits, findings: Findings) -> None:
    """Write a picture's renditions. Raises Refusal, and whatever Pillow raises for a bad file."""
    Image.MAX_IMAGE_PIXELS = limits.max_picture_pixels
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    picture = _open(source, limits)
    picture.load()
    findings.said = of_picture(picture)
    upright = _redraw(picture, limits, findings)
    save_plain(upright, PICTURE)
    findings.renditions = {PICTURE: upright.size, THUMBNAIL: save_thumbnail(upright)}
    findings.fingerprints = [seen for seen in [fingerprint(upright)] if seen]


def _open(source: BufferedReader, limits: Limits) -> Image.Image:
    recognised = sniff(source.read(SNIFF_BYTES))
    source.seek(0)
    if recognised is None or recognised not in READERS:
        raise Refusal(FileProblem.NOT_RECOGNISED)
    if recognised is Format.HEIC:
        check_structure(source, recognised, limits)
    if recognised is Format.WEBP:
        _check_canvas(source, limits)
    picture = _reader(READERS[recognised])(source, "")
    if picture.width * picture.height > limits.max_picture_pixels:
        raise Refusal(FileProblem.TOO_MANY_PIXELS)
    if max(picture.size) > limits.max_picture_side:
        raise Refusal(FileProblem.TOO_MANY_PIXELS)
    if min(picture.size) < limits.min_side:
        raise Refusal(FileProblem.TOO_SMALL)
    if recognised in MOVING and getattr(picture, "n_frames", 1) > 1:
        raise Refusal(FileProblem.ANIMATED)
    return picture


def _check_canvas(source: BufferedReader, limits: Limits) -> None:
    """Refuse too large a WebP canvas before Pillow, which allocates two of them on opening."""
    width, height = canvas_of(source.read(SNIFF_BYTES))
    source.seek(0)
    if width * height > limits.max_picture_pixels:
        raise Refusal(FileProblem.TOO_MANY_PIXELS)


def _reader(name: str) -> Callable[[BufferedReader, str], ImageFile.ImageFile]:
    """Return Pillow's reader of a format.

    `Image.open` would import all common formats first, which takes as long as the picture itself.
    """
    if name not in Image.OPEN:
        Image.init()
    return Image.OPEN[name][0]


def _redraw(picture: Image.Image, limits: Limits, findings: Findings) -> Image.Image:
    orientation = _orientation(picture)
    profile = picture.info.get("icc_profile")
    drawn = _plain(picture)
    width, height = picture.size
    drawn = _to_srgb(_reduce(drawn, limits), profile)
    if orientation in TURNS:
        drawn = drawn.transpose(TURNS[orientation])
    sideways = orientation >= FIRST_SIDEWAYS
    findings.width, findings.height = (height, width) if sideways else (width, height)
    return drawn


def _reduce(picture: Image.Image, limits: Limits) -> Image.Image:
    width, height = picture.size
    scale = min(
        math.sqrt(limits.rendition_pixels / (width * height)),
        limits.rendition_longest_side / max(width, height),
    )
    if scale >= 1:
        return picture
    size = max(1, int(width * scale)), max(1, int(height * scale))
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _orientation(picture: Image.Image) -> int:
    # Unreadable EXIF doesn't harm the pixels, and its reader can raise almost anything.
    with suppress(Exception):
        value = picture.getexif().get(ExifTags.Base.Orientation)
        return value if value in TURNS else UPRIGHT
    return UPRIGHT


def _plain(picture: Image.Image) -> Image.Image:
    """Return the picture opaque and in a mode that colour management knows: RGB, CMYK or L."""
    if picture.mode in {"RGB", "CMYK", "L"} and "transparency" not in picture.info:
        return picture.copy()
    if picture.mode.startswith("I"):
        # 16 bits a pixel: a plain conversion would clip everything above 255.
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper.convert("RGB")


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert to sRGB: the rendition has no profile, so its colours would look wrong."""
    if profile:
        with suppress(ImageCms.PyCMSError, OSError):
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            target = ImageCms.createProfile("sRGB")
            managed = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
            return managed or picture
    return picture.convert("RGB")
