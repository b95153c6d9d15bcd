"""Containers that promise too much are refused by their headers alone."""

import struct
from io import BufferedReader
from pathlib import Path

import pytest

from claims.inspection import FileProblem, Format, Limits, container_structure
from claims.inspection.container_structure import check_structure
from claims.inspection.findings import Refusal
from tests.claims.inspection.conftest import Inspector
from tests.media import make_screenshot, make_video

FTYP = b"\0\0\0\x14ftypisom\0\0\0\0isom"
EBML = b"\x1a\x45\xdf\xa3\x87\x42\x82\x84webm"
SEGMENT = b"\x18\x53\x80\x67"
CLUSTER = b"\x1f\x43\xb6\x75"
TAG = b"\x12\x54\xc3\x67"
UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"


def box(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def element(name: bytes, body: bytes = b"") -> bytes:
    return name + struct.pack(">Q", len(body) | 1 << 56) + body


def nested(depth: int, wrap: bytes, innermost: bytes = b"") -> bytes:
    data = innermost
    for _ in range(depth):
        data = box(wrap, data) if len(wrap) == 4 else element(wrap, data)
    return data


def check(tmp_path: Path, data: bytes, form: Format, **limits: int) -> FileProblem | None:
    path = tmp_path / "container"
    path.write_bytes(data)
    with path.open("rb") as source:
        return _problem(source, form, Limits(**limits))


def _problem(source: BufferedReader, form: Format, limits: Limits) -> FileProblem | None:
    try:
        check_structure(source, form, limits)
    except Refusal as refusal:
        return refusal.problem
    finally:
        assert source.tell() == 0
    return None


@pytest.mark.parametrize(
    ("container", "codec", "options"),
    [
        ("mp4", "h264", {}),
        ("mov", "hevc", {}),
        ("webm", "vp8", {}),
        ("webm", "vp9", {"live": True}),
    ],
)
def test_real_recordings_are_far_from_the_limits(
    tmp_path: Path, container: str, codec: str, options: dict[str, bool]
) -> None:
    data = make_video(1, codec=codec, container=container, **options)  # type: ignore[arg-type]  # bools
    form = Format.WEBM if container == "webm" else Format.MP4
    assert check(tmp_path, data, form, max_depth=8, max_parts=400) is None
    assert check(tmp_path, data, form, max_parts=10) is FileProblem.TOO_COMPLEX


def test_real_picture_is_far_from_the_limits(tmp_path: Path) -> None:
    data = make_screenshot(file_format="heic")
    assert check(tmp_path, data, Format.HEIC, max_depth=6, max_parts=60) is None


@pytest.mark.parametrize(
    ("form", "data"),
    [
        (Format.MP4, FTYP + nested(1000, b"minf")),
        (Format.HEIC, FTYP + nested(1000, b"iprp")),
        (Format.WEBM, EBML + element(SEGMENT, element(TAG, nested(1000, b"\x67\xc8")))),
        (Format.WEBM, EBML + SEGMENT + UNKNOWN + TAG + UNKNOWN + (b"\x67\xc8" + UNKNOWN) * 99),
    ],
)
def test_deep_nesting_is_refused(tmp_path: Path, form: Format, data: bytes) -> None:
    assert check(tmp_path, data, form) is FileProblem.TOO_COMPLEX
    assert check(tmp_path, data, form, max_depth=10_000) is None


@pytest.mark.parametrize(
    ("form", "data"),
    [
        (Format.MP4, FTYP + box(b"free") * 5000),
        (Format.MP4, FTYP + box(b"moov", box(b"udta", box(b"free") * 5000))),
        (Format.WEBM, EBML + element(SEGMENT, element(CLUSTER, b"\xec\x80" * 5000))),
    ],
)
def test_crowd_of_parts_is_refused(tmp_path: Path, form: Format, data: bytes) -> None:
    assert check(tmp_path, data, form, max_parts=5000) is FileProblem.TOO_COMPLEX
    assert check(tmp_path, data, form) is None


@pytest.mark.parametrize("table", [b"stsz", b"stz2"])
def test_table_of_more_samples_than_bytes_is_refused(tmp_path: Path, table: bytes) -> None:
    """A reader allocates room for all of them: 24 bytes each, so 48 GB here."""
    claims = box(table, struct.pack(">III", 0, 1, 2**31 - 1))
    data = FTYP + nested(1, b"moov", nested(1, b"trak", nested(1, b"mdia", claims)))
    assert check(tmp_path, data, Format.MP4) is FileProblem.TOO_COMPLEX
    modest = data[:-4] + struct.pack(">I", len(data))
    assert check(tmp_path, modest, Format.MP4) is None


def test_fragment_of_more_samples_than_bytes_is_refused(tmp_path: Path) -> None:
    """It gives one length and one size for all of its samples, and lists none of them."""
    claims = box(b"trun", struct.pack(">II", 0, 2**31 - 1))
    data = FTYP + box(b"moof", box(b"traf", claims))
    assert check(tmp_path, data, Format.MP4) is FileProblem.TOO_COMPLEX


@pytest.mark.parametrize("where", [b"sinf", b"schi", b"wave", b"ilst"])
def test_table_is_found_wherever_readers_look_for_it(tmp_path: Path, where: bytes) -> None:
    claims = box(where, box(b"stsz", struct.pack(">III", 0, 1, 2**31 - 1)))
    data = FTYP + box(b"moov", box(b"trak", claims))
    assert check(tmp_path, data, Format.MP4) is FileProblem.TOO_COMPLEX


def test_packed_header_is_refused(tmp_path: Path) -> None:
    """A reader unpacks it: gigabytes of boxes out of a few megabytes, none of them seen here."""
    data = FTYP + box(b"moov", box(b"cmov", box(b"dcom", b"zlib")))
    assert check(tmp_path, data, Format.MP4) is FileProblem.TOO_COMPLEX


@pytest.mark.parametrize(
    ("form", "data"),
    [
        (
            Format.MP4,
            FTYP + box(b"udta", b"\x7f\xff\xff\xfffree") + box(b"moov", box(b"cmov")),
        ),
        (
            Format.WEBM,
            EBML
            + SEGMENT
            + UNKNOWN
            + element(TAG, b"\xec" + struct.pack(">Q", 1 << 40 | 1 << 56))
            + element(b"\x16\x54\xae\x6b", element(b"\xae", element(b"\x6d\x80"))),
        ),
    ],
)
def test_part_that_is_larger_than_its_holder_hides_nothing(
    tmp_path: Path, form: Format, data: bytes
) -> None:
    """Readers go on behind the holder, so the check must do so, too."""
    assert check(tmp_path, data, form) is FileProblem.TOO_COMPLEX


def test_compressed_blocks_are_refused(tmp_path: Path) -> None:
    """WebM players don't use them; zlib would make a megabyte of a kilobyte, for each block."""
    track = element(b"\x16\x54\xae\x6b", element(b"\xae", element(b"\x6d\x80")))
    assert check(tmp_path, EBML + element(SEGMENT, track), Format.WEBM) is FileProblem.TOO_COMPLEX


@pytest.mark.parametrize(
    ("form", "data"),
    [
        (Format.MP4, FTYP + b"\0\0\0\x04moov" * 9),
        (Format.MP4, FTYP + b"\0\0\0\x01moov" + b"\xff" * 8 + b"\0" * 99),
        (Format.MP4, FTYP + box(b"moov", box(b"udta", b"\0\0\0\0")) + box(b"mdat")),
        (Format.MP4, FTYP + b"\0\0\0\0moov\0\0\0\x07"),
        (Format.WEBM, EBML + b"\0" * 99),
        (Format.WEBM, EBML + SEGMENT + UNKNOWN + (CLUSTER + UNKNOWN) * 3000),
        (Format.WEBM, EBML + SEGMENT),
    ],
)
def test_what_is_merely_broken_or_live_is_left_to_the_reader(
    tmp_path: Path, form: Format, data: bytes
) -> None:
    assert check(tmp_path, data, form) is None


@pytest.mark.parametrize(
    "data", [FTYP + nested(40, b"moov"), make_screenshot(file_format="heic")[:200] + bytes(64)]
)
def test_inspection_walks_before_it_opens(inspected: Inspector, into: Path, data: bytes) -> None:
    report = inspected(data, max_depth=2)
    assert report.problem is FileProblem.TOO_COMPLEX
    assert not list(into.iterdir())


def test_bit_rate_is_refused_by_what_is_claimed(inspected: Inspector) -> None:
    video = make_video(1, audio=False)
    rate = 8 * len(video)
    assert inspected(video, max_bit_rate=rate // 2).problem is FileProblem.TOO_HIGH_BIT_RATE
    assert inspected(video, max_bit_rate=rate * 2).ok


def test_names_of_nesting_parts_are_distinct() -> None:
    assert all(len(name) == 4 for name in container_structure.BOXES_OF_BOXES)
    assert container_structure.TOP_LEVEL < container_structure.ELEMENTS_OF_ELEMENTS
