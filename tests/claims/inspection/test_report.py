"""The content of a report, and the part that the customer reads."""

import json

import pytest

from claims.inspection import FileProblem, Format, InspectionReport, RenditionFile

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
REFUSED = InspectionReport(ok=False, sha256="ab" * 32, size=0, problem=FileProblem.EMPTY)


@pytest.mark.parametrize("report", [WHOLE, REFUSED])
def test_report_is_json_as_it_is_kept(report: InspectionReport) -> None:
    data = report.as_dict()
    assert json.loads(json.dumps(data)) == data
    assert [made["name"] for made in data["renditions"]] == [
        made.name for made in report.renditions
    ]
    assert (data["problem"], data["format"]) == (report.problem, report.format)
