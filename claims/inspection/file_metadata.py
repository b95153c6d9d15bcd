"""A file's own metadata, read before it is stripped: time of capture, device, software, editor.

It gives hints to a reviewer, and anybody can forge it. The place of capture is never read. Runs in
the confined child only. Wrong metadata is no reason to refuse a file.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from PIL import ExifTags, Image

from claims.inspection.confinement.child_answers import YEARS, Fact, tidy

Claims = Iterator[tuple[Fact, Any]]
"""Facts as the file states them, the most reliable first; a value may be of any type, or None."""

EDITORS: Final = re.compile(
    r"photoshop|lightroom|adobe|illustrator|mainconcept|gimp|paint|pixelmator|affinity|snapseed"
    r"|picsart|canva|facetune|meitu|photoscape|photopea|pixlr|vsco|polarr|acdsee|capture one"
    r"|darktable|imagemagick|markup|capcut|inshot|premiere|after effects|final cut|imovie"
    r"|kinemaster|vegas|davinci|filmora|shotcut|openshot|kdenlive|handbrake|vllo",
    re.IGNORECASE,
)

LONGEST_XMP: Final = 64 * 1024
MOST_AGENTS: Final = 3


def of_picture(picture: Image.Image) -> dict[str, str]:
    """Return a picture's metadata. Read its pixels first: some formats have text after them."""
    said: dict[str, str] = {}
    for read in (_exif, _text_chunks, _xmp, _traces):
        # A hostile file can make a reader of metadata raise any exception.
        with suppress(Exception):
            _keep(said, read(picture))
    return said


def of_video(container: Mapping[str, str], stream: Mapping[str, str]) -> dict[str, str]:
    """Return the metadata in the tags of a container and of its video stream."""
    said: dict[str, str] = {}
    with suppress(Exception):
        _keep(said, _tags({**stream, **container}))
    return said


def _keep(said: dict[str, str], claims: Claims) -> None:
    for fact, told in claims:
        text = tidy(told) if isinstance(told, str) else ""
        if fact == "captured_at":
            text = _instant(text)
        if text:
            said.setdefault(fact, text)
        if fact == "software" and EDITORS.search(text):
            said.setdefault("edited_with", text)


def _instant(text: str) -> str:
    """Return the time in ISO 8601, with an offset only if the text has one; '' if impossible."""
    iso = re.sub(r"^(\d{4}):(\d\d):(\d\d) ", r"\1-\2-\3T", text)
    with suppress(ValueError):
        instant = datetime.fromisoformat(iso)
        return instant.isoformat(timespec="seconds") if instant.year in YEARS else ""
    return ""


def _exif(picture: Image.Image) -> Claims:
    exif = picture.getexif()
    yield "device", _device(exif.get(ExifTags.Base.Make), exif.get(ExifTags.Base.Model))
    yield "software", exif.get(ExifTags.Base.Software)
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    taken = inner.get(ExifTags.Base.DateTimeOriginal)
    zone = inner.get(ExifTags.Base.OffsetTimeOriginal) or inner.get(ExifTags.Base.OffsetTime)
    if isinstance(zone, str):
        yield "captured_at", f"{taken}{zone.strip()}"
    yield "captured_at", taken


def _device(make: Any, model: Any) -> str:
    """Return the make and the model; without the make if the model begins with it."""
    parts = [part.strip() for part in (make, model) if isinstance(part, str)]
    if len(parts) == 2 and parts[1].lower().startswith(parts[0].lower()):
        parts = parts[1:]
    return " ".join(parts)


def _text_chunks(picture: Image.Image) -> Claims:
    """Yield the facts in a PNG file's text chunks, under the names of the PNG standard only."""
    yield "software", picture.info.get("Software")
    yield "captured_at", picture.info.get("Creation Time")


def _xmp(picture: Image.Image) -> Claims:
    xmp = _xmp_text(picture)
    for make, model in zip(_told(xmp, "tiff:Make"), _told(xmp, "tiff:Model"), strict=False):
        yield "device", _device(make, model)
    for tool in _told(xmp, "xmp:CreatorTool"):
        yield "software", tool
    for name in ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate"):
        for instant in _told(xmp, name):
            yield "captured_at", instant


def _traces(picture: Image.Image) -> Claims:
    """Yield the traces that editors leave behind."""
    agents = dict.fromkeys(tidy(told) for told in _told(_xmp_text(picture), "stEvt:softwareAgent"))
    agents.pop("", None)
    yield "edited_with", ", ".join([*agents][:MOST_AGENTS])
    segments = getattr(picture, "applist", [])
    if any(name == "APP12" and content.startswith(b"Ducky") for name, content in segments):
        yield "edited_with", "Adobe, saved for the web"
    if "photoshop" in picture.info:
        yield "edited_with", "something that writes Photoshop's data block"


def _xmp_text(picture: Image.Image) -> str:
    raw = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp") or ""
    return raw[:LONGEST_XMP].decode("utf-8", "replace") if isinstance(raw, bytes) else raw


def _told(xmp: str, name: str) -> Iterator[str]:
    """Yield a property's values, whether it is an attribute or an element.

    A regular expression finds them, because an XML parser does too much for a hostile file.
    """
    values = rf"{name}\s*(?:=\s*[\"']([^\"'<]{{1,200}})|>([^<]{{1,200}}))"
    for found in re.finditer(values, xmp[:LONGEST_XMP]):
        yield found[1] or found[2]


def _tags(tags: Mapping[str, str]) -> Claims:
    lower = {name.lower(): text for name, text in tags.items()}
    for prefix in ("com.apple.quicktime.", "com.android.", ""):
        make = lower.get(f"{prefix}make") or lower.get(f"{prefix}manufacturer")
        yield "device", _device(make, lower.get(f"{prefix}model"))
    yield "software", lower.get("com.apple.quicktime.software")
    if "com.android.version" in lower:
        yield "software", f"Android {lower['com.android.version']}"
    yield "software", lower.get("encoder")
    if EDITORS.search(lower.get("handler_name", "")):
        yield "edited_with", lower["handler_name"]
    yield "captured_at", lower.get("com.apple.quicktime.creationdate")
    yield "captured_at", lower.get("creation_time")
