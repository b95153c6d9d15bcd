"""The cost of an inspection, against the bare work on the same file: decode, scale, encode.

Both are measured in processor seconds of this process and its children, on which other work on the
machine has little effect, and in seconds of the clock.
"""

from __future__ import annotations

import re
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pillow_heif
import pytest
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image

from claims.inspection import InspectionReport, Limits, inspect, orchestration
from claims.inspection.confinement import sandbox
from claims.inspection.pictures.webp import QUALITY
from claims.inspection.videos import transcoding
from claims.inspection.videos.measures import fit
from tests.bombs import BOMBS
from tests.media import encode_picture, make_screenshot, make_video

pytestmark = pytest.mark.benchmark

ROUNDS = 3
SLOWEST_BOMB = 2.0
"""Seconds of the processors."""
MOST_MEMORY = 512
"""MiB, for a bomb."""

HEADS = (
    f"\n{'':20} {'processors, s':^30} {'clock, s':^15} {'peak':>6}"
    f"\n{'file':20} {'bare':>7} {'ours':>7} {'more':>7} {'ratio':>6} {'bare':>7} {'ours':>7}"
    f" {'MiB':>6}"
)
LAST = re.compile(r"VmHWM:\s*(\d+) kB")


@dataclass(frozen=True)
class Picture:
    name: str
    make: Callable[[], bytes]


@dataclass(frozen=True)
class Video:
    name: str
    seconds: float
    size: tuple[int, int]
    fps: int


def photo(size: tuple[int, int], file_format: str) -> bytes:
    """Draw a photo with grain, as a camera has it: a plain drawing would compress too well."""
    tile = Image.effect_noise((512, 512), 24).convert("RGB")
    picture = Image.radial_gradient("L").resize(size).convert("RGB")
    for left in range(0, size[0], 512):
        for top in range(0, size[1], 512):
            picture.paste(
                Image.blend(picture.crop((left, top, left + 512, top + 512)), tile, 0.2),
                (left, top),
            )
    return encode_picture(picture, file_format, quality=70 if file_format == "jpeg" else 50)


PICTURES = [
    Picture("390 × 844 PNG", lambda: make_screenshot(size=(390, 844))),
    Picture("1290 × 2796 PNG", lambda: make_screenshot(size=(1290, 2796))),
    Picture("12 megapixel JPEG", lambda: photo((4032, 3024), "jpeg")),
    Picture("12 megapixel HEIC", lambda: photo((4032, 3024), "heic")),
    Picture("48 megapixel JPEG", lambda: photo((8064, 6048), "jpeg")),
]
VIDEOS = [
    Video("5 s of 720p at 30", 5, (720, 1280), 30),
    Video("10 s of 1080p at 30", 10, (1080, 1920), 30),
    Video("5 s of 4K at 30", 5, (2160, 3840), 30),
]


def test_pictures_against_bare_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pillow_heif.register_heif_opener(thumbnails=False)
    told = tell_memory(monkeypatch)
    print(HEADS)
    for picture in PICTURES:
        upload = tmp_path / "upload"
        upload.write_bytes(picture.make())
        compare(picture.name, upload, tmp_path, bare_picture, told)


def test_videos_against_bare_pyav(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tell_memory(monkeypatch)
    print(HEADS)
    for video in VIDEOS:
        upload = tmp_path / "upload"
        upload.write_bytes(make_video(video.seconds, video.size, video.fps))
        compare(video.name, upload, tmp_path, bare_video, told)


def test_bombs_are_refused_in_seconds_and_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tell_memory(monkeypatch)
    print(f"\n{'bomb':34} {'KB':>7} {'CPU s':>6} {'s':>6} {'MiB':>6}  outcome")
    slow = []
    for name, (make, expected) in BOMBS.items():
        upload = tmp_path / "upload"
        upload.write_bytes(make())
        told.clear()
        cost, report = cost_of(inspected, upload, tmp_path)
        peak = max(told, default=0)
        print(
            f"{name:34} {upload.stat().st_size / 1000:7,.0f} {cost.processors:6.2f}"
            f" {cost.clock:6.2f} {peak:6.0f}  {report.problem or 'accepted'}",
            flush=True,
        )
        assert report.problem in expected
        if cost.processors > SLOWEST_BOMB or peak > MOST_MEMORY:
            slow.append(name)
    assert slow == []


def tell_memory(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Have each child report its peak memory, in MiB, when it is done."""
    told: list[float] = []
    run = sandbox.run_confined

    def run_and_listen(*arguments: Any, **named: Any) -> sandbox.Ending:
        ending = run(*arguments, **named)
        told.extend(int(kilobytes) / 1024 for kilobytes in LAST.findall(ending.log))
        return ending

    # The child can't open `/proc` later, so it opens its own page before.
    preamble = sandbox.PREAMBLE.replace(
        "\nconfine(", "\nstatus = open('/proc/self/status')\nconfine("
    )
    ending = """
import os
leave = os._exit
def say_and_leave(code):
    sys.stderr.writelines(line for line in status if line.startswith("VmHWM"))
    sys.stderr.flush()
    leave(code)
os._exit = say_and_leave
"""
    monkeypatch.setattr(sandbox, "PREAMBLE", preamble + ending)
    monkeypatch.setattr(orchestration, "run_confined", run_and_listen)
    return told


@dataclass(frozen=True)
class Cost:
    processors: float
    clock: float


def cost_of(work: Callable[[Path, Path], Any], upload: Path, tmp_path: Path) -> tuple[Cost, Any]:
    busy, began = processor_seconds(), time.perf_counter()
    answer = work(upload, tmp_path)
    return Cost(processor_seconds() - busy, time.perf_counter() - began), answer


def processor_seconds() -> float:
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(used.ru_utime + used.ru_stime for used in map(resource.getrusage, who))


def compare(
    name: str,
    upload: Path,
    tmp_path: Path,
    bare: Callable[[Path, Path], None],
    told: list[float],
) -> None:
    """Return the medians of both, taken in turns."""
    ours: list[Cost] = []
    theirs: list[Cost] = []
    told.clear()
    for _ in range(ROUNDS):
        theirs.append(cost_of(bare, upload, tmp_path)[0])
        cost, report = cost_of(inspected, upload, tmp_path)
        assert report.ok
        ours.append(cost)
    mine = statistics.median(cost.processors for cost in ours)
    their = statistics.median(cost.processors for cost in theirs)
    clocks = [statistics.median(cost.clock for cost in costs) for costs in (theirs, ours)]
    print(
        f"{name:20} {their:7.3f} {mine:7.3f} {mine - their:7.3f} {mine / their:6.2f}"
        f" {clocks[0]:7.3f} {clocks[1]:7.3f} {max(told, default=0):6.0f}",
        flush=True,
    )


def inspected(upload: Path, tmp_path: Path) -> InspectionReport:
    into = tmp_path / "into"
    into.mkdir()
    report = inspect(upload, into, Limits())
    for made in into.iterdir():
        made.unlink()
    into.rmdir()
    return report


def bare_picture(upload: Path, tmp_path: Path) -> None:
    """Return the seconds that Pillow takes for the same pixels, with the same settings."""
    limits = Limits()
    with Image.open(upload) as picture:
        drawn = picture.convert("RGB")
    scale = min(1.0, (limits.rendition_pixels / (drawn.width * drawn.height)) ** 0.5)
    size = round(drawn.width * scale), round(drawn.height * scale)
    if size != drawn.size:
        drawn = drawn.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    drawn.save(tmp_path / "bare.webp", quality=QUALITY, method=4)


def bare_video(upload: Path, tmp_path: Path) -> None:
    """Return the seconds that PyAV takes for the same frames, with equal settings and threads."""
    limits = Limits()
    with av.open(upload) as source, av.open(tmp_path / "bare.mp4", "w") as target:
        pictures, sounds = source.streams.video[0], source.streams.audio[0]
        pictures.codec_context.thread_count = transcoding.THREADS
        size = fit(
            pictures.width,
            pictures.height,
            limits.video_longest_side,
            limits.video_shortest_side,
        )
        video = target.add_stream("libx264", rate=limits.video_rate, options=transcoding.SETTINGS)
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        video.codec_context.thread_count = transcoding.THREADS
        video.codec_context.time_base = Fraction(1, 90_000)
        sound = target.add_stream("aac", rate=transcoding.SOUND_RATE, layout="stereo")
        sound.codec_context.bit_rate = transcoding.SOUND_BIT_RATE
        for frame in source.decode(pictures, sounds):
            if isinstance(frame, VideoFrame):
                target.mux(video.encode(frame.reformat(*size, "yuv420p", interpolation="BICUBIC")))
            elif isinstance(frame, AudioFrame):
                target.mux(sound.encode(frame))
        target.mux(video.encode(None))
        target.mux(sound.encode(None))
