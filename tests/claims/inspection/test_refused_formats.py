"""The report names a refused format, and the sender reads what to send instead."""

import io
import zipfile

import pytest

from claims.inspection import SNIFF_BYTES, FileProblem, sniff, why_not
from claims.wording.file_problems import file_problem
from tests.claims.inspection.conftest import Inspector
from tests.media import draw_screenshot, make_sound, make_video


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("word/document.xml", "<w/>")
    return target.getvalue()


def picture(name: str) -> bytes:
    target = io.BytesIO()
    draw_screenshot(size=(64, 64)).save(target, name)
    return target.getvalue()


FILES = {
    "gif": (picture("GIF"), FileProblem.GIF, "GIF"),
    "tiff": (picture("TIFF"), FileProblem.RAW_PHOTO, "Settings › Camera › Formats"),
    "bmp": (picture("BMP"), FileProblem.OTHER_PICTURE, "PNG or JPEG"),
    "icon": (picture("ICO"), FileProblem.OTHER_PICTURE, "icon"),
    "avif": (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", FileProblem.NEW_PICTURE, "AVIF"),
    "jxl": (b"\xff\x0a" + bytes(20), FileProblem.NEW_PICTURE, "JPEG XL"),
    "raw": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", FileProblem.RAW_PHOTO, "raw"),
    "pdf": (b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n", FileProblem.DOCUMENT, "screenshot"),
    "word": (archive(), FileProblem.DOCUMENT, "ZIP"),
    "svg": (
        b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>",
        FileProblem.WEB_PAGE,
        "SVG",
    ),
    "html": (b"\n<!doctype html><script>alert(1)</script>", FileProblem.WEB_PAGE, "web page"),
    "avi": (b"RIFF\0\0\0\0AVI LIST", FileProblem.OTHER_VIDEO, "OBS"),
    "wmv": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", FileProblem.OTHER_VIDEO, "MP4"),
    "mpeg-ts": ((b"G" + bytes(187)) * 3, FileProblem.OTHER_VIDEO, "MPEG"),
    "mp3": (b"ID3\4" + bytes(20), FileProblem.SOUND, "sound"),
    "text": (b"I did not get the code.", FileProblem.NOT_RECOGNISED, "HEIC"),
    "empty": (b"", FileProblem.EMPTY, "empty"),
}


@pytest.mark.parametrize(("data", "problem", "word"), FILES.values(), ids=FILES)
def test_file_is_named_by_its_first_bytes(
    inspected: Inspector, data: bytes, problem: FileProblem, word: str
) -> None:
    assert sniff(data[:SNIFF_BYTES]) is None
    assert why_not(data[:SNIFF_BYTES]) is problem
    report = inspected(data)
    assert (report.ok, report.problem, report.kind) == (False, problem, None)
    assert word in file_problem(problem)


@pytest.mark.parametrize("problem", FileProblem)
def test_message_fits_into_its_column(problem: FileProblem) -> None:
    assert len(file_problem(problem)) <= 380


SETTINGS = {
    FileProblem.CODEC_NOT_ACCEPTED: ("Formats › Most Compatible", "Video format › H.264", "WebM"),
    FileProblem.TOO_LARGE: ("Record Video › 720p HD", "Video size › HD", "screenshot"),
    FileProblem.TOO_MANY_FRAMES: ("30 or 60 frames a second", "mode Video", "Slo-mo"),
    FileProblem.TOO_MANY_PIXELS: ("Record Video › 1080p", "Video size › FHD", "screenshot"),
    FileProblem.TOO_HIGH_BIT_RATE: ("1080p", "Formats › Apple ProRes off"),
}


@pytest.mark.parametrize(("problem", "words"), SETTINGS.items(), ids=SETTINGS)
def test_too_much_of_something_names_the_setting_to_use_instead(
    problem: FileProblem, words: tuple[str, ...]
) -> None:
    for word in words:
        assert word in file_problem(problem)


def test_sound_in_an_mp4_is_refused_as_such(inspected: Inspector) -> None:
    assert inspected(make_sound()).problem is FileProblem.NO_VIDEO


def test_encoding_that_is_not_read_names_the_settings_of_phones(inspected: Inspector) -> None:
    report = inspected(make_video(seconds=1, codec="mpeg4"))
    assert report.problem is FileProblem.CODEC_NOT_ACCEPTED
    for setting in ("Settings › Camera › Formats › Most Compatible", "Android", "ProRes"):
        assert setting in file_problem(FileProblem.CODEC_NOT_ACCEPTED)


def test_matroska_is_read_like_webm(inspected: Inspector) -> None:
    """Screen recorders on computers write it like this."""
    report = inspected(make_video(1, container="matroska", codec="h264"))
    assert (report.ok, report.format, report.codec) == (True, "webm", "h264")
