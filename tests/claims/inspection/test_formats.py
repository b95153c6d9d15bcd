"""The formats that the first bytes identify."""

import pytest

from claims.inspection import SNIFF_BYTES, Format, sniff
from tests.media import make_screenshot, make_video


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    size = 16 + 4 * len(compatible)
    return size.to_bytes(4) + b"ftyp" + major + bytes(4) + b"".join(compatible) + b"\0\0\0\x08mdat"


@pytest.mark.parametrize("file_format", ["png", "jpeg", "webp", "heic"])
def test_real_pictures_are_recognised_as_screenshots(file_format: str) -> None:
    recognised = sniff(make_screenshot(file_format=file_format)[:SNIFF_BYTES])
    assert recognised == file_format
    assert recognised is not None
    assert recognised.evidence_kind == "screenshot"


@pytest.mark.parametrize(
    ("container", "codec"), [("mp4", "h264"), ("mov", "h264"), ("webm", "vp8")]
)
def test_real_videos_are_recognised_as_videos(container: str, codec: str) -> None:
    video = make_video(seconds=0.2, container=container, codec=codec)
    recognised = sniff(video[:SNIFF_BYTES])
    assert recognised is (Format.WEBM if container == "webm" else Format.MP4)
    assert recognised.evidence_kind == "video"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (ftyp(b"heic", b"mif1"), Format.HEIC),
        (ftyp(b"mif1", b"heic"), Format.HEIC),
        (ftyp(b"mif1"), None),
        (ftyp(b"avif", b"mif1"), None),
        (ftyp(b"mif1", b"avif", b"heic"), None),
        (ftyp(b"qt  "), Format.MP4),
        (ftyp(b"isom", b"iso2", b"mp41"), Format.MP4),
        (ftyp(b"3gp4"), Format.MP4),
        (ftyp(b"abcd", b"mp42"), Format.MP4),
        (ftyp(b"jp2 "), None),
        (ftyp(b"M4A "), None),
        (b"\0\0\0\x08wide\0\0\x10\0mdat", Format.MP4),
        (b"\0\0\x10\0moov", Format.MP4),
        (b"\0\0\0\x01mdat", Format.MP4),
        (b"\0\0\0\x02moov", None),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", Format.WEBM),
        (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x01\0\0\0\0\0\0\x04webm", Format.WEBM),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88matroska", Format.WEBM),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x01\0\0\0\0\0\0\x08matroska", Format.WEBM),
        (b"\x1a\x45\xdf\xa3\xa3\x42\x82\x88something", None),
        (b"RIFF\x10\0\0\0WEBPVP8L", Format.WEBP),
        (b"RIFF\x10\0\0\0AVI LIST", None),
        (b"GIF89a", None),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"<!doctype html><script>", None),
        (b"%PDF-1.7", None),
        (b"PK\x03\x04", None),
        (b"#EXTM3U\n#EXTINF:10,\n", None),
        (b"\x89PNG", None),
        (b"\xff\xd8", None),
        (b"", None),
    ],
)
def test_head_decides_the_format(head: bytes, expected: Format | None) -> None:
    assert sniff(head) is expected
