"""The calling side of an inspection: it measures a file and checks the answer of the child."""

import hashlib
import json
import logging
import math
import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from typing import Any, Final, TypedDict, assert_never

from claims.inspection.confinement.child_answers import facts_in, fingerprints_in
from claims.inspection.confinement.sandbox import (
    ChildFailed,
    Ending,
    InspectionError,
    Interrupted,
    IsStopping,
    OnProgress,
    run_confined,
)
from claims.inspection.findings import COLOUR_TABLE, MEDIA_TYPES, MOST_BYTES, RENDITION_FORMATS
from claims.inspection.formats import SNIFF_BYTES, EvidenceKind, Format, sniff
from claims.inspection.limits import Limits
from claims.inspection.refused_formats import why_not
from claims.inspection.report import FileProblem, InspectionReport, RenditionFile

logger = logging.getLogger(__name__)

# A child imports only what its kind of file needs, because imports are most of its start-up time.
PICTURES: Final = (
    "claims.inspection.confinement.child",
    "claims.inspection.pictures.rendering",
    "PIL.WebPImagePlugin",
)

VIDEOS: Final = ("claims.inspection.confinement.child", "claims.inspection.videos.rendering")


class Work(TypedDict):
    """The child's program for each kind of evidence. mypy reports a kind without one."""

    screenshot: str
    video: str


WORK: Final[Work] = {
    "screenshot": (
        "from claims.inspection.confinement import child\n"
        "from claims.inspection.pictures import rendering\n"
        "child.answer(rendering.render)\n"
    ),
    "video": (
        "from claims.inspection.confinement import child\n"
        "from claims.inspection.videos import rendering\n"
        "child.answer(rendering.render)\n"
    ),
}

TRIAL: Final = "with open('trial', 'wb') as file:\n    file.write(b'x')\n"

LONGEST_CODEC_NAME: Final = 32


class _NoAnswer(Exception):
    """The answer is not one that a sound child gives."""


def inspect(
    path: Path,
    into: Path,
    limits: Limits | None = None,
    on_progress: OnProgress | None = None,
    is_stopping: IsStopping = lambda: False,
) -> InspectionReport:
    """Inspect the file at `path`, put its renditions into the empty folder `into`, and report.

    A long transcode calls `on_progress` every few seconds with a percentage that only grows. An
    exception from `on_progress` ends the inspection.

    Raises OSError if the file can't be read, InspectionError if the inspection can't run,
    Interrupted if a signal from outside ended it, and Stopped soon after `is_stopping` says so: try
    again later. Otherwise the only exception that the file's contents can cause is ChildFailed.
    """
    limits = limits or Limits()
    with path.open("rb") as source:
        report = _measure(source, limits)
        if report.ok and report.format:
            report = _read(report, report.format, source, into, limits, on_progress, is_stopping)
    _remove(into / COLOUR_TABLE)
    if report.problem is None:
        return report
    _empty(into)
    return replace(report, ok=False)


def _empty(folder: Path) -> None:
    """Delete everything in the folder; the child may have left anything, under any name."""
    for entry in list(folder.iterdir()):
        _remove(entry)


def _remove(entry: Path) -> None:
    """Delete what can be deleted: a child's leftovers must not look like a failing disk."""
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)


def _measure(source: BufferedReader, limits: Limits) -> InspectionReport:
    """Return the report as far as it is known without parsing anything."""
    size = os.fstat(source.fileno()).st_size
    head = source.read(SNIFF_BYTES)
    recognised = sniff(head)
    source.seek(0)
    sha256 = hashlib.file_digest(source, "sha256").hexdigest()
    kind = recognised.evidence_kind if recognised else None
    problem = _problem_at_sight(size, head, kind, limits)
    return InspectionReport(
        ok=problem is None, problem=problem, sha256=sha256, size=size, kind=kind, format=recognised
    )


def _problem_at_sight(
    size: int, head: bytes, kind: EvidenceKind | None, limits: Limits
) -> FileProblem | None:
    if kind is None:
        return why_not(head)
    return FileProblem.TOO_LARGE if size > limits.max_bytes(kind) else None


def _read(
    report: InspectionReport,
    form: Format,
    source: BufferedReader,
    into: Path,
    limits: Limits,
    on_progress: OnProgress | None,
    is_stopping: IsStopping,
) -> InspectionReport:
    ending = run_confined(
        WORK[form.evidence_kind],
        source=source,
        into=into,
        limits=limits.for_kind(form.evidence_kind),
        on_progress=on_progress,
        is_stopping=is_stopping,
        modules=modules_of(form),
    )
    # Files that can't be decoded are common; a decoder that dies is not.
    level = logging.WARNING if ending.problem or ending.returncode else logging.INFO
    if ending.problem or ending.log:
        logger.log(level, "Inspecting %s: %s", report.sha256, ending.last_words)
    if ending.problem:
        return replace(report, problem=ending.problem)
    if ending.was_interrupted:
        raise Interrupted(ending.last_words)
    if ending.returncode:
        # A child that was taken over can end like one on a full disk, so a trial run tells.
        works = _works_without_a_file(form, into, limits)
        raise (ChildFailed if works else InspectionError)(ending.last_words)
    return _believe(report, ending, into)


def modules_of(form: Format) -> tuple[str, ...]:
    """Return the modules that the child imports for a file of this format."""
    match form:
        case Format.PNG:
            return (*PICTURES, "PIL.PngImagePlugin")
        case Format.JPEG:
            return (*PICTURES, "PIL.JpegImagePlugin")
        case Format.WEBP:
            return PICTURES
        case Format.HEIC:
            return (*PICTURES, "claims.inspection.pictures.heic")
        case Format.MP4 | Format.WEBM:
            return VIDEOS
        case _:
            assert_never(form)


def _works_without_a_file(form: Format, into: Path, limits: Limits) -> bool:
    """Return True if the disk has room and a trial child starts, is confined and can write."""
    _empty(into)
    if shutil.disk_usage(into).free < limits.folder_bytes:
        return False
    with Path(os.devnull).open("rb") as nothing:
        trial = run_confined(
            TRIAL,
            source=nothing,
            into=into,
            limits=limits.for_kind(form.evidence_kind),
            modules=modules_of(form),
        )
    return trial.returncode == 0


def _believe(report: InspectionReport, ending: Ending, into: Path) -> InspectionReport:
    """Return the report with the child's answer, checked like input: it decoded hostile bytes."""
    try:
        # The lines before the last one reported progress.
        answer = json.loads(ending.output.rstrip().rpartition(b"\n")[2])
        return replace(
            report,
            problem=FileProblem(answer["problem"]) if answer["problem"] else None,
            codec=_codec(answer["codec"]),
            width=_number_if_known(answer["width"]),
            height=_number_if_known(answer["height"]),
            frames=_number_if_known(answer["frames"]),
            duration=_seconds(answer["duration"]),
            renditions=() if answer["problem"] else _collect(answer["renditions"], into),
            fingerprints=fingerprints_in(answer["fingerprints"]),
            said=facts_in(answer["said"]),
        )
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, OSError, _NoAnswer):
        logger.warning("Inspecting %s gave no usable answer", report.sha256, exc_info=True)
        return replace(report, problem=FileProblem.DAMAGED)


def _codec(value: Any) -> str | None:
    if value is None:
        return None
    if not (isinstance(value, str) and value.isidentifier() and value.isascii()):
        raise _NoAnswer(value)
    return value[:LONGEST_CODEC_NAME]


def _seconds(value: Any) -> float | None:
    """Return the seconds, rounded. Infinity and NaN are refused: a database's JSON has neither."""
    if value is None:
        return None
    if not 0 <= float(value) < math.inf:
        raise _NoAnswer(value)
    return round(float(value), 3)


def _number(value: Any) -> int:
    if not (isinstance(value, int) and 0 <= value < 2**31):
        raise _NoAnswer(value)
    return value


def _number_if_known(value: Any) -> int | None:
    return None if value is None else _number(value)


def _collect(sizes: Mapping[str, tuple[int, int]], into: Path) -> tuple[RenditionFile, ...]:
    if not sizes:
        raise _NoAnswer("no renditions")
    names = sorted(sizes, key=[*RENDITION_FORMATS].index)
    return tuple(_rendition(into, name, *sizes[name]) for name in names)


def _rendition(into: Path, name: str, width: int, height: int) -> RenditionFile:
    form = RENDITION_FORMATS[name]
    # Don't follow a link: the child could have made one to any file that we can read.
    descriptor = os.open(into / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as made:
        status = os.fstat(made.fileno())
        if not stat.S_ISREG(status.st_mode) or sniff(made.read(SNIFF_BYTES)) is not form:
            raise _NoAnswer(name)
        if status.st_size > MOST_BYTES.get(name, math.inf):
            raise _NoAnswer(name)
        made.seek(0)
        return RenditionFile(
            name=name,
            media_type=MEDIA_TYPES[form],
            width=_number(width),
            height=_number(height),
            size=status.st_size,
            sha256=hashlib.file_digest(made, "sha256").hexdigest(),
        )
