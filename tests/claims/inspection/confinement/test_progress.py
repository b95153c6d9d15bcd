"""The progress of a long transcode, as its child reports it and its parent reads it."""

import os
from pathlib import Path

import pytest

from claims.inspection import Limits, inspect, orchestration
from claims.inspection.confinement import sandbox
from claims.inspection.confinement.progress import read_percent
from tests.claims.inspection.conftest import Inspector
from tests.media import make_screenshot, make_video

# The child reports every frame, and the parent reads without a pause.
EAGER = (
    "from claims.inspection.confinement import child, progress\n"
    "from claims.inspection.videos import rendering\n"
    "progress.EVERY = 0\n"
)


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    work = {**orchestration.WORK, "video": EAGER + "child.answer(rendering.render)\n"}
    monkeypatch.setattr(orchestration, "WORK", work)
    monkeypatch.setattr(sandbox, "LOOK_EVERY", 0.02)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("live", [False, True], ids=["by its duration", "by its bytes"])
def test_progress_of_a_video_only_grows(
    inspected: Inspector, tmp_path: Path, into: Path, live: bool
) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(make_video(3, (240, 426), codec="vp8", container="webm", live=live))
    told: list[int] = []
    assert inspect(upload, into, on_progress=told.append).ok
    assert len(told) > 1
    assert told == sorted(set(told))
    assert 0 < told[0] < told[-1] <= 99


def test_picture_is_too_quick_to_tell(tmp_path: Path, into: Path) -> None:
    upload = tmp_path / "upload"
    upload.write_bytes(make_screenshot())
    told: list[int] = []
    assert inspect(upload, into, on_progress=told.append).ok
    assert told == []


@pytest.mark.parametrize(
    ("written", "heard"),
    [
        (b"", None),
        (b"7", None),
        (b"7\n", 7),
        (b"7\n99\n", 99),
        (b"7\n99\n{", 99),
        (b"7\n8\n" + b'{"problem": null}' * 9, None),
        (b"100\n", None),
        (b"-1\n", None),
        (b"1_0\n", None),
        (b"\xd9\xa3\n", None),
        (b"9" * 5000 + b"\n", None),
        (b"\n\n", None),
        (b"nan\n", None),
    ],
)
def test_parent_hears_nothing_but_numbers_below_a_hundred(
    tmp_path: Path, written: bytes, heard: int | None
) -> None:
    output = tmp_path / "output"
    output.write_bytes(written)
    with output.open("rb") as opened:
        opened.seek(3)
        assert read_percent(opened.fileno()) == heard
        assert opened.tell() == 3


def test_hostile_progress_ends_nothing(into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent reads a child that counts backwards, or reports too much or nonsense, like any
    other.
    """
    monkeypatch.setattr(sandbox, "LOOK_EVERY", 0.005)
    looks = into / "looks"
    looks.write_bytes(b"")

    def look(output: int) -> int | None:
        with looks.open("ab") as counted:
            counted.write(b".")
        return read_percent(output)

    monkeypatch.setattr(sandbox, "read_percent", look)
    work = """
import os, time
for line in (b"5\\n", b"4\\n", b"900\\n", b"\\xff\\n", b"9" * 70000 + b"\\n", b"6\\n"):
    os.write(1, line)
    before = os.path.getsize("looks")
    while os.path.getsize("looks") < before + 2:
        time.sleep(0.01)
"""
    told: list[int] = []
    with Path(os.devnull).open("rb") as nothing:
        ending = sandbox.run_confined(
            work, source=nothing, into=into, limits=Limits(), on_progress=told.append
        )
    assert ending.returncode == 0
    assert told == [5, 6]
