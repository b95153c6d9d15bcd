"""What a report keeps and what it tells the customer."""

import json

import pytest

from claims.inspection import MESSAGES, FileProblem, Format, InspectionReport, Limits, RenditionFile
from claims.inspection.report import message_for

WHOLE = InspectionReport(
    ok=True,
    sha256="ab" * 32,
    size=1234,
    kind="video",
    format=Format.MP4,
    codec="h264",
    width=1080,
    height=1920,
    duration=12.5,
    frames=375,
    renditions=(
        RenditionFile(
            name="video.mp4",
            media_type="video/mp4",
            width=1080,
            height=1920,
            size=99,
            sha256="cd" * 32,
        ),
    ),
)
REFUSED = InspectionReport(
    ok=False, sha256="ab" * 32, size=0, problem=FileProblem.EMPTY, message="This file is empty."
)


@pytest.mark.parametrize("report", [WHOLE, REFUSED])
def test_report_is_json_as_it_is_kept(report: InspectionReport) -> None:
    data = report.as_dict()
    assert json.loads(json.dumps(data)) == data
    assert [made["name"] for made in data["renditions"]] == [
        made.name for made in report.renditions
    ]
    assert (data["problem"], data["format"]) == (report.problem, report.format)


@pytest.mark.parametrize("problem", FileProblem)
def test_every_problem_tells_the_customer_what_to_do(problem: FileProblem) -> None:
    message = message_for(problem, Limits())
    assert set(MESSAGES) == set(FileProblem)
    assert "{" not in message
    assert any(verb in message for verb in ("Send", "send", "Choose", "Record"))


def test_message_names_the_limits_in_force() -> None:
    assert message_for(FileProblem.TOO_LONG, Limits(max_duration=30)) == (
        "This video is longer than 30 s. Send one between 1 s and 30 s long."
    )
