"""Files that aren't accepted: a report with a sentence, never an exception or a rendition."""

import random
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import pytest

from claims.inspection import FileProblem, Limits, inspect
from tests.claims.inspection.conftest import Inspector
from tests.media import make_screenshot, make_sound, make_video


def png_header(width: int, height: int) -> bytes:
    """Return a picture that claims a size and has next to no pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(30_000_000), 9)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


RANDOM = random.Random(7).randbytes(20_000)
PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"
NOT_MEDIA = {
    "playlist": PLAYLIST,
    "concat": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "random": RANDOM,
}


@pytest.mark.parametrize("data", NOT_MEDIA.values(), ids=NOT_MEDIA)
def test_anything_else_is_not_recognised(inspected: Inspector, into: Path, data: bytes) -> None:
    report = inspected(data)
    assert (report.ok, report.problem, report.kind) == (False, FileProblem.NOT_RECOGNISED, None)
    assert report.size == len(data)
    assert not list(into.iterdir())


def test_empty_file_is_refused(inspected: Inspector) -> None:
    assert inspected(b"").problem is FileProblem.EMPTY


@pytest.mark.parametrize(
    "head", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\0\0\0\0WEBPVP8 "]
)
def test_picture_head_with_a_random_body_is_damaged(
    inspected: Inspector, into: Path, head: bytes
) -> None:
    assert inspected(head + RANDOM).problem is FileProblem.DAMAGED
    assert not list(into.iterdir())


@pytest.mark.parametrize(
    "head", [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x18ftypisom\0\0\0\0isommp42"]
)
def test_box_head_with_a_random_body_is_damaged(inspected: Inspector, head: bytes) -> None:
    assert inspected(head + RANDOM).problem is FileProblem.DAMAGED


@pytest.mark.parametrize("file_format", ["png", "jpeg", "webp", "heic"])
def test_truncated_picture_is_damaged(inspected: Inspector, into: Path, file_format: str) -> None:
    data = make_screenshot(file_format=file_format)
    assert inspected(data[: len(data) // 2]).problem is FileProblem.DAMAGED
    assert not list(into.iterdir())


@pytest.mark.parametrize(("container", "codec"), [("mp4", "h264"), ("webm", "vp8")])
def test_truncated_video_is_damaged(
    inspected: Inspector, into: Path, container: str, codec: str
) -> None:
    data = make_video(seconds=3, container=container, codec=codec)
    report = inspected(data[: len(data) // 2])
    assert report.problem is FileProblem.DAMAGED
    assert not list(into.iterdir())


def test_truncated_video_with_its_index_in_front_is_damaged(
    inspected: Inspector, into: Path
) -> None:
    inspected(make_video(seconds=3))
    data = (into / "video.mp4").read_bytes()
    assert inspected(data[: len(data) // 2]).problem is FileProblem.DAMAGED


@pytest.mark.parametrize("size", [(16384, 8192), (60_000, 60_000), (65_535, 20)])
def test_pixel_bomb_is_refused_before_it_is_decoded(
    inspected: Inspector, size: tuple[int, int]
) -> None:
    bomb = png_header(*size)
    assert len(bomb) < 32_000
    report = inspected(bomb, memory_bytes=300 * 1024 * 1024)
    assert report.problem is FileProblem.TOO_MANY_PIXELS


def test_tiny_picture_is_refused(inspected: Inspector) -> None:
    assert inspected(make_screenshot(size=(200, 15))).problem is FileProblem.TOO_SMALL


@pytest.mark.parametrize("seconds", [0.2, 0.7])
@pytest.mark.parametrize("live", [False, True])
def test_short_video_is_refused(
    inspected: Inspector, into: Path, seconds: float, live: bool
) -> None:
    report = inspected(make_video(seconds=seconds, container="webm", codec="vp8", live=live))
    assert report.problem is FileProblem.TOO_SHORT
    assert not list(into.iterdir())


@pytest.mark.parametrize("live", [False, True])
def test_long_video_is_refused(inspected: Inspector, into: Path, live: bool) -> None:
    """It is refused also when it doesn't state its length."""
    data = make_video(seconds=3, container="webm", codec="vp8", live=live)
    report = inspected(data, max_duration=2)
    assert report.problem is FileProblem.TOO_LONG
    assert not list(into.iterdir())


@pytest.mark.parametrize(("container", "codec"), [("mp4", "h264"), ("webm", "vp8")])
def test_day_long_file_of_few_bytes_is_refused_quickly(
    inspected: Inspector, container: str, codec: str
) -> None:
    """Two frames, twelve hours apart."""
    data = make_video(
        86_400, fps=Fraction(1, 43_200), codec=codec, container=container, audio=False
    )
    # Seconds of a processor: a day of frames would take far longer.
    assert inspected(data, cpu_seconds=10).problem is FileProblem.TOO_LONG


def test_video_with_too_many_pixels_is_refused(inspected: Inspector) -> None:
    report = inspected(make_video(seconds=1, fps=5, size=(320, 240)), max_video_pixels=70_000)
    assert report.problem is FileProblem.TOO_MANY_PIXELS


@pytest.mark.parametrize(("container", "codec"), [("mp4", "h264"), ("webm", "vp8")])
def test_video_with_too_many_frames_is_refused(
    inspected: Inspector, container: str, codec: str
) -> None:
    data = make_video(seconds=1.5, container=container, codec=codec)
    assert inspected(data, max_frames=10).problem is FileProblem.TOO_MANY_FRAMES


def test_video_with_too_many_streams_is_refused(inspected: Inspector) -> None:
    assert inspected(make_video(), max_streams=1).problem is FileProblem.TOO_MANY_STREAMS


def test_sound_alone_is_refused(inspected: Inspector) -> None:
    assert inspected(make_sound()).problem is FileProblem.NO_VIDEO


def test_codec_that_is_not_accepted_is_refused_undecoded(inspected: Inspector, into: Path) -> None:
    report = inspected(make_video(seconds=1, codec="mpeg4"))
    assert report.problem is FileProblem.CODEC_NOT_ACCEPTED
    assert not list(into.iterdir())


@pytest.mark.parametrize("limit", ["max_picture_bytes", "max_video_bytes"])
def test_large_file_is_refused(inspected: Inspector, limit: str) -> None:
    data = make_screenshot() if "picture" in limit else make_video()
    assert inspected(data, **{limit: len(data) - 1}).problem is FileProblem.TOO_LARGE
    assert inspected(data, **{limit: len(data)}).ok


def test_name_does_not_matter(tmp_path: Path, into: Path) -> None:
    upload = tmp_path / "http:||evil.m3u8"
    upload.write_bytes(make_video())
    assert inspect(upload, into, Limits()).ok


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bits_never_raise(inspected: Inspector, seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(
        make_video(seconds=1, fps=8) if seed % 2 else make_screenshot(file_format="jpeg")
    )
    for _ in range(30):
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    report = inspected(bytes(data))
    assert report.ok or report.problem
