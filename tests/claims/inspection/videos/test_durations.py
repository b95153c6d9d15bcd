"""The bounds of 1 s and 180 s, each with the slack that ADR 0006 gives."""

import pytest

from claims.inspection import FileProblem, Limits
from claims.inspection.findings import Refusal
from claims.inspection.videos.measures import check_duration
from tests.claims.inspection.conftest import Inspector
from tests.media import make_video

# Frames of a twentieth of a second; the shortest and the longest that pass with `max_duration=2`.
RATE = 20
SHORTEST, LONGEST = 15, 45


@pytest.mark.parametrize("seconds", [0.75, 0.9, 1, 180, 180.25])
def test_inside_the_slack_a_duration_is_accepted(seconds: float) -> None:
    check_duration(seconds, Limits())


@pytest.mark.parametrize(
    ("seconds", "problem"), [(0.749, FileProblem.TOO_SHORT), (180.251, FileProblem.TOO_LONG)]
)
def test_outside_the_slack_a_duration_is_refused(seconds: float, problem: FileProblem) -> None:
    with pytest.raises(Refusal) as refusal:
        check_duration(seconds, Limits())
    assert refusal.value.problem is problem


@pytest.mark.parametrize("container", ["mp4", "webm"])
@pytest.mark.parametrize(
    ("frames", "problem"),
    [
        (SHORTEST - 1, FileProblem.TOO_SHORT),
        (SHORTEST, None),
        (LONGEST, None),
        (LONGEST + 1, FileProblem.TOO_LONG),
    ],
)
def test_one_frame_decides_at_either_end(
    inspected: Inspector, container: str, frames: int, problem: FileProblem | None
) -> None:
    codec = "h264" if container == "mp4" else "vp8"
    video = make_video(
        seconds=frames / RATE, fps=RATE, codec=codec, container=container, audio=False
    )
    report = inspected(video, max_duration=2)
    assert report.problem is problem
    assert report.ok is (problem is None)
    if report.ok:
        assert report.frames == frames
        assert report.duration == pytest.approx(frames / RATE, abs=0.01)
