"""Renditions hold only what is shown: the tests account for every part of the files."""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from tests.claims.inspection.conftest import Inspector
from tests.media import encode_picture, make_screenshot, make_video

# The boxes that a player needs. The muxer adds a list of notes and a space, both of them empty.
PLAIN_BOXES = frozenset(
    b"ftyp moov mvhd trak tkhd edts elst mdia mdhd hdlr minf vmhd smhd dinf dref stbl stsd stts"
    b" stss ctts stsc stsz stco co64 sgpd sbgp mdat udta free".split()
)
BOXES_OF_BOXES = frozenset(b"moov trak edts mdia minf dinf stbl".split())
SAMPLE_ENTRIES = {
    b"avc1": (78, {b"avcC", b"colr", b"pasp", b"btrt"}),
    b"mp4a": (28, {b"esds", b"btrt"}),
}

NO_NOTES = (
    b"\0\0\0\x35meta" + bytes(4) + b"\0\0\0\x21hdlr" + bytes(8) + b"mdirappl" + bytes(9)
    + b"\0\0\0\x08ilst"
)  # fmt: skip


def boxes(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, bytes]]:
    """Yield the name and content of every box, the outer ones before the inner ones."""
    at, end = start, len(data) if end is None else end
    while at < end:
        size, name = struct.unpack_from(">I4s", data, at)
        assert 8 <= size <= end - at, "no box reaches past the one that holds it"
        yield name, data[at + 8 : at + size]
        if name in BOXES_OF_BOXES:
            yield from boxes(data, at + 8, at + size)
        at += size


def chunks(data: bytes) -> dict[bytes, bytes]:
    """Yield a RIFF file's chunks, which must fill it to its end."""
    assert (data[:4], data[8:12]) == (b"RIFF", b"WEBP")
    assert struct.unpack("<I", data[4:8]) == (len(data) - 8,)
    found, at = {}, 12
    while at < len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        found[name] = data[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    assert at == len(data)
    return found


def tell_all() -> dict[str, bytes]:
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 30.0, 26.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return {"exif": exif.tobytes(), "icc_profile": profile}


@pytest.mark.parametrize("file_format", ["png", "jpeg", "webp", "heic"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_picture_holds_pixels_alone(
    inspected: Inspector, into: Path, file_format: str, mode: str
) -> None:
    if (file_format, mode) == ("jpeg", "RGBA"):
        return
    source = Image.new(mode, (64, 64), "#8899aa")
    data = encode_picture(source, file_format, **tell_all())
    assert inspected(data).ok
    for name in ("picture.webp", "thumbnail.webp"):
        assert set(chunks((into / name).read_bytes())) == {b"VP8 "}
    assert len(chunks(encode_picture(source, "webp", **tell_all()))) > 1, "the reader sees others"


def test_screenshot_holds_pixels_alone(inspected: Inspector, into: Path) -> None:
    inspected(make_screenshot())
    for name in ("picture.webp", "thumbnail.webp"):
        assert set(chunks((into / name).read_bytes())) == {b"VP8 "}


@pytest.mark.parametrize(("codec", "container"), [("h264", "mov"), ("vp8", "webm")])
def test_video_holds_frames_and_sound_alone(
    inspected: Inspector, into: Path, codec: str, container: str
) -> None:
    tags = {"title": "SecretTitle", "location": "+51.5072-000.1275/", "comment": "SecretNote"}
    assert inspected(make_video(1, codec=codec, container=container, metadata=tags)).ok
    data = (into / "video.mp4").read_bytes()
    found = list(boxes(data))
    assert {name for name, _ in found} <= PLAIN_BOXES
    for still in ("poster.webp", "thumbnail.webp"):
        assert set(chunks((into / still).read_bytes())) == {b"VP8 "}
    for name, content in found:
        if name in {b"mvhd", b"tkhd", b"mdhd"}:
            assert content[4:12] == bytes(8), "no time of making, no time of change"
        if name in {b"udta", b"free"}:
            assert content in {b"", NO_NOTES}
        if name == b"stsd":
            [(entry, inside)] = boxes(content, 8)
            length, allowed = SAMPLE_ENTRIES[entry]
            assert {inner for inner, _ in boxes(inside, length)} <= allowed
    # x264 would sign each stream with its version and settings.
    assert b"x264" not in data
    assert b"Lav" not in data


def test_reader_of_boxes_sees_what_a_recorder_says_of_itself() -> None:
    """The control: the reader of boxes sees a recorder's metadata."""
    tags = {"title": "SecretTitle", "location": "+51.5072-000.1275/"}
    names = {name for name, _ in boxes(make_video(1, metadata=tags))}
    assert {b"udta", b"meta", b"ilst"} & names
    assert b"SecretTitle" in dict(boxes(make_video(1, metadata=tags)))[b"udta"]
