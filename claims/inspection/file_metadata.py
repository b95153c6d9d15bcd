"""What a file says about itself, read before it is stripped: when it was captured, with which
device and software, and what has edited it. Hints for a reviewer, which anybody can forge.

Never where it was captured: what tells that isn't looked at. Runs in the confined child only.
Nothing that is wrong in here is a reason to refuse a file.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final

from PIL import ExifTags, Image

from claims.inspection.confinement.child_answers import YEARS, Fact, tidy

Claims = Iterator[tuple[Fact, Any]]
"""Facts as the file tells them, the most reliable first; each may be of any type, or missing."""

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
    """Of an opened picture whose pixels have been read: some formats have text behind them."""
    said: dict[str, str] = {}
    for read in (_exif, _text_chunks, _xmp, _traces):
        # Readers of metadata answer a hostile file with any exception there is.
        with suppress(Exception):
            _keep(said, read(picture))
    return said


def of_video(container: Mapping[str, str], stream: Mapping[str, str]) -> dict[str, str]:
    """Of the tags of the container and of its moving pictures."""
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
    """In ISO 8601, with a zone only when the file tells one; empty when it can't be true."""
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
    """Many models begin with their make already."""
    parts = [part.strip() for part in (make, model) if isinstance(part, str)]
    if len(parts) == 2 and parts[1].lower().startswith(parts[0].lower()):
        parts = parts[1:]
    return " ".join(parts)


def _text_chunks(picture: Image.Image) -> Claims:
    """A PNG file's; only the names that its standard gives to these two facts."""
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
    """What editors leave behind."""
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
    """A property's values, as attribute or element. By their looks: an XML parser does a lot more
    for a hostile file than we want."""
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
