"""Checks of a video's size and duration against the limits, as claimed and then as decoded."""

from claims.inspection.findings import Refusal
from claims.inspection.limits import Limits
from claims.inspection.report import FileProblem


def check_size(width: int, height: int, limits: Limits) -> None:
    if width * height > limits.max_video_pixels or max(width, height) > limits.max_video_side:
        raise Refusal(FileProblem.TOO_MANY_PIXELS)
    if min(width, height) < limits.min_side:
        raise Refusal(FileProblem.TOO_SMALL)


def check_duration(seconds: float, limits: Limits) -> None:
    check_not_too_long(seconds, limits)
    if seconds < limits.min_duration - limits.duration_slack:
        raise Refusal(FileProblem.TOO_SHORT)


def check_not_too_long(seconds: float, limits: Limits) -> None:
    if seconds > limits.max_duration + limits.duration_slack:
        raise Refusal(FileProblem.TOO_LONG)


def fit(width: int, height: int, longest: int, shortest: int) -> tuple[int, int]:
    """Return the size, scaled down until its sides are at most these.

    Each side is rounded to an even number, because H.264 stores colour for two by two pixels.
    """
    scale = min(1.0, longest / max(width, height), shortest / min(width, height))
    return _even(width * scale), _even(height * scale)


def _even(side: float) -> int:
    return max(2, round(side / 2) * 2)
