"""The accepted formats, told by a file's first bytes and never by its name or media type."""

import re
from enum import StrEnum
from typing import Final, Literal, assert_never

EvidenceKind = Literal["screenshot", "video"]

SNIFF_BYTES: Final = 512
"""The number of first bytes that `sniff` needs. A shorter file is passed whole."""


class Format(StrEnum):
    PNG = "png"
    JPEG = "jpeg"
    WEBP = "webp"
    HEIC = "heic"
    MP4 = "mp4"
    """MP4 and QuickTime (MOV), which are one family with one reader."""
    WEBM = "webm"
    """WebM and Matroska, which have one reader. Screen recorders on computers, and browsers that
    record H.264, write Matroska."""

    @property
    def evidence_kind(self) -> EvidenceKind:
        match self:
            case Format.PNG | Format.JPEG | Format.WEBP | Format.HEIC:
                return "screenshot"
            case Format.MP4 | Format.WEBM:
                return "video"
            case _:
                assert_never(self)

    @property
    def media_types(self) -> tuple[str, ...]:
        """The media types that browsers give such a file, the usual one first."""
        match self:
            case Format.PNG | Format.JPEG | Format.WEBP:
                return (f"image/{self}",)
            case Format.HEIC:
                return ("image/heic", "image/heif")
            case Format.MP4:
                return ("video/mp4", "video/x-m4v", "video/quicktime", "video/3gpp", "video/3gpp2")
            case Format.WEBM:
                return ("video/webm", "video/x-matroska")
            case _:
                assert_never(self)


ENDINGS: Final = (".jfif", ".m4v", ".3gp", ".3g2", ".mkv")
"""The ends of names by which a browser finds files whose media type its system doesn't know."""

ACCEPT: Final = ",".join((*(name for form in Format for name in form.media_types), *ENDINGS))
"""The value of `accept` for a field that takes evidence."""

# ISO 14496-12 brands. A file with others only, such as JPEG 2000's, isn't accepted, nor is AVIF.
HEIC_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis"})
PICTURE_COLLECTIONS: Final = frozenset({b"mif1", b"msf1"})
OTHER_PICTURES: Final = frozenset({b"avif", b"avis", b"crx "})
VIDEO_BRAND: Final = re.compile(
    rb"qt  |isom|iso[2-9a-c]|mp4[12v]|avc1|hvc1|hev1|av01|M4V[ HP]|MSNV|mmp4|dash|3g[2p].|f4v |XAVC"
)

# QuickTime files from before `ftyp` existed begin with one of these.
OLD_QUICKTIME_ATOMS: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})

# The EBML element DocType (0x4282) with one of two values and a length of one or eight bytes.
WEBM_DOCTYPE: Final = re.compile(
    rb"\x42\x82(?:(?:\x84|\x01\x00{6}\x04)webm|(?:\x88|\x01\x00{6}\x08)matroska)"
)


def sniff(head: bytes) -> Format | None:
    """Return the accepted format that these first bytes belong to; None for everything else."""
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Format.PNG
    if head.startswith(b"\xff\xd8\xff"):
        return Format.JPEG
    if head[:4] == b"RIFF" and head[8:15] == b"WEBPVP8":
        return Format.WEBP
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return Format.WEBM if WEBM_DOCTYPE.search(head[:SNIFF_BYTES]) else None
    return _sniff_boxes(head)


def _sniff_boxes(head: bytes) -> Format | None:
    size, name = int.from_bytes(head[:4]), head[4:8]
    if name == b"ftyp":
        return _sniff_brands(head[8:12], head[16 : min(size, SNIFF_BYTES)])
    if name in OLD_QUICKTIME_ATOMS and (size >= 8 or size == 1):
        return Format.MP4
    return None


def _sniff_brands(major: bytes, rest: bytes) -> Format | None:
    compatible = {rest[at : at + 4] for at in range(0, len(rest), 4)}
    brands = {major} | compatible
    if brands & OTHER_PICTURES:
        return None
    if major in HEIC_BRANDS or (major in PICTURE_COLLECTIONS and compatible & HEIC_BRANDS):
        return Format.HEIC
    if major in PICTURE_COLLECTIONS:
        return None
    return Format.MP4 if any(VIDEO_BRAND.fullmatch(brand) for brand in brands) else None
