"""Small files that would take a reader hours or gigabytes are refused in seconds and 512 MB.

Both bounds are limits of the child here, so that no test measures time: a file that needed more
would be refused as one that took too long or used too much. docs/performance.md has the times.
"""

import io
import logging
from pathlib import Path

import av
import pytest

from claims.inspection import FileProblem, Format, Limits, orchestration
from claims.inspection.confinement import sandbox
from claims.inspection.confinement.sandbox import run_confined
from tests.bombs import (
    BOMBS,
    MEBIBYTE,
    day_long,
    jpeg_claiming,
    mp4_of_edits,
    mp4_of_silence,
    png_claiming,
)
from tests.claims.inspection.children import changed, run
from tests.claims.inspection.conftest import Inspector
from tests.media import make_video

# More than a bomb needs on a slow machine, and far less than reading a bomb to its end takes.
SECONDS = 8
MOST_MEMORY = 512 * MEBIBYTE
SMALL = {
    "cpu_seconds": SECONDS,
    "picture_cpu_seconds": SECONDS,
    "memory_bytes": MOST_MEMORY,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bomb_is_refused_in_seconds_and_512_megabytes(
    inspected: Inspector, into: Path, name: str
) -> None:
    make, expected = BOMBS[name]
    report = inspected(make(), **SMALL)
    assert report.problem in expected
    assert report.ok is not bool(report.problem)
    assert report.ok or not list(into.iterdir())


@pytest.mark.parametrize("size", [(16384, 8192), (20_001, 100), (65_535, 65_535)])
def test_thirty_kilobytes_that_claim_a_large_picture_are_not_decoded(
    inspected: Inspector, size: tuple[int, int]
) -> None:
    bomb = png_claiming(*size)
    assert len(bomb) < 30_720
    assert inspected(bomb, **SMALL).problem is FileProblem.TOO_MANY_PIXELS


def test_without_the_limit_on_pixels_the_same_file_needs_more_memory(
    inspected: Inspector,
) -> None:
    """This shows why the pixels are checked before decoding."""
    roomy = {"max_picture_pixels": 2**40, "max_picture_side": 2**20}
    report = inspected(jpeg_claiming(16384, 8192), memory_bytes=MOST_MEMORY, **roomy)
    assert report.problem is FileProblem.USED_TOO_MUCH


@pytest.mark.parametrize("live", [False, True])
def test_day_of_a_megabyte_says_what_it_is(live: bool) -> None:
    """A file of a few bytes would be refused as well, but a bomb is never that small."""
    bomb = day_long("webm", "vp8", live=live)
    assert len(bomb) > MEBIBYTE
    with av.open(io.BytesIO(bomb), "r") as source:
        assert source.duration == (None if live else 86_400 * av.time_base)


READS_NOTHING = """\
from claims.inspection.confinement import child
from claims.inspection.videos import rendering
def fail(*arguments):
    raise AssertionError("It is being decoded.")
rendering.transcode = fail
child.answer(rendering.render)
"""


CODECS = {"mp4": "h264", "webm": "vp8"}
CLAIMS = [
    ({"max_streams": 1}, FileProblem.TOO_MANY_STREAMS),
    ({"max_bit_rate": 1000}, FileProblem.TOO_HIGH_BIT_RATE),
    ({"max_duration": 0.5}, FileProblem.TOO_LONG),
    ({"max_video_pixels": 160 * 284 - 1}, FileProblem.TOO_MANY_PIXELS),
    ({"max_depth": 2}, FileProblem.TOO_COMPLEX),
    # Without limits the file gets this far, so each limit above refused it before that.
    ({}, FileProblem.DAMAGED),
]


@pytest.mark.parametrize(
    ("container", "limit", "problem"),
    [
        # WebM doesn't say how many frames it has.
        ("mp4", {"max_frames": 14}, FileProblem.TOO_MANY_FRAMES),
        *((container, *claim) for container in CODECS for claim in CLAIMS),
    ],
)
def test_what_is_claimed_is_refused_before_anything_is_decoded(
    inspected: Inspector,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    container: str,
    limit: dict[str, float],
    problem: FileProblem,
) -> None:
    monkeypatch.setattr(orchestration, "WORK", {**orchestration.WORK, "video": READS_NOTHING})
    with caplog.at_level(logging.INFO):
        report = inspected(make_video(1, codec=CODECS[container], container=container), **limit)
    assert report.problem is problem
    assert ("It is being decoded." in caplog.text) is (problem is FileProblem.DAMAGED)


def test_sound_in_which_time_stands_still_comes_to_an_end(inspected: Inspector) -> None:
    """No limit on duration, frames or bit rate stops it; without the limit on packets, only its 900
    seconds do.
    """
    bomb = mp4_of_silence()
    assert inspected(bomb, max_packets=2000).problem is FileProblem.TOO_COMPLEX
    endless = inspected(bomb, max_packets=2**40, cpu_seconds=1)
    assert endless.problem is FileProblem.TOOK_TOO_LONG


def test_without_the_look_at_the_structure_the_same_file_takes_too_long(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(mp4_of_edits())
    work = """
from claims.inspection import container_structure
from claims.inspection.confinement import child
from claims.inspection.videos import rendering
container_structure.MOST_EDITS = 2**31
child.answer(rendering.render)
"""
    modules = orchestration.modules_of(Format.MP4)
    with upload.open("rb") as source:
        ending = run_confined(
            work, source=source, into=into, limits=Limits(cpu_seconds=1), modules=modules
        )
    assert ending.problem is FileProblem.TOOK_TOO_LONG


def test_limit_on_memory_is_what_stops_a_child(into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit on memory, on which these tests rely, works."""
    work = f"print(len(bytes({MOST_MEMORY})))"
    assert run(work, into, limits=Limits(memory_bytes=MOST_MEMORY)).output == b""
    unlimited = changed("restrictions.resource.RLIMIT_AS = restrictions.resource.RLIMIT_CORE")
    monkeypatch.setattr(sandbox, "PREAMBLE", unlimited)
    assert run(work, into, limits=Limits(memory_bytes=MOST_MEMORY)).output.strip() == (
        str(MOST_MEMORY).encode()
    )
