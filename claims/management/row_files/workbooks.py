"""Records of workbooks (.xlsx), which a confined child reads."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Final, cast

from claims.inspection.confinement.sandbox import Ending, run_confined
from claims.inspection.limits import MEBIBYTE, Limits
from claims.inspection.workbooks import ROWS, WorkbookProblem
from claims.management.row_files.files import BadFile, Record, Warn

MOST_BYTES: Final = 128 * MEBIBYTE
# The reader keeps a whole sheet: 100,000 orders take 200 MiB.
LIMITS: Final = Limits(
    memory_bytes=1024 * MEBIBYTE,
    output_bytes=512 * MEBIBYTE,
    folder_bytes=768 * MEBIBYTE,
    cpu_seconds=300,
    wall_seconds=600.0,
)
WORK: Final = "from claims.inspection import workbooks\nworkbooks.convert()\n"
MODULES: Final = ("claims.inspection.workbooks",)
LONGEST_ROW: Final = MEBIBYTE
MOST_SHEETS: Final = 10

AS_CSV: Final = "Save the sheet as CSV UTF-8"
TOLD: Final = {
    WorkbookProblem.DAMAGED: f"is a workbook that can't be read: it is damaged. {AS_CSV}.",
    WorkbookProblem.PROTECTED: "is protected by a password. Remove the password in Excel, and save"
    " it again.",
    WorkbookProblem.TOO_LARGE: "is a workbook that needs more memory or time than the import may"
    f" take: it has too many cells, or cells that are far apart. {AS_CSV}.",
    WorkbookProblem.NO_SHEET: "is a workbook without a visible sheet.",
    WorkbookProblem.BINARY_WORKBOOK: "is a binary workbook (.xlsb). Save it as .xlsx, or as CSV"
    " UTF-8.",
    WorkbookProblem.OPEN_DOCUMENT: "is an OpenDocument file (.ods or another). Save it as .xlsx, or"
    " as CSV UTF-8.",
    WorkbookProblem.OTHER_DOCUMENT: "is an Office document that isn't a workbook.",
    WorkbookProblem.DOCUMENT_TYPE: "is a workbook that declares XML entities, which no spreadsheet"
    f" program does: it may be an attack. {AS_CSV}, if you trust it.",
    WorkbookProblem.ZIP: "is a zip archive. Unpack it, and import the file inside.",
}


def read_sheet(stream: IO[bytes], warn: Warn) -> Iterator[Record]:
    """Yield the records of the first visible sheet that aren't empty, by the numbers of their rows.

    Raises `BadFile`, before the first record.
    """
    if os.fstat(stream.fileno()).st_size > MOST_BYTES:
        raise BadFile(
            f"The file is a workbook of more than {MOST_BYTES // MEBIBYTE} MiB. {AS_CSV}."
        )
    with TemporaryDirectory() as folder:
        ending = run_confined(
            WORK, source=cast(Any, stream), into=Path(folder), limits=LIMITS, modules=MODULES
        )
        answer = _answer(ending)
        if problem := answer["problem"]:
            raise BadFile(f"The file {TOLD[WorkbookProblem(problem)]}")
        _warn_of(answer, warn)
        rows = _open(Path(folder, ROWS))
    return _records(rows)


def _answer(ending: Ending) -> dict[str, Any]:
    """Return the child's answer, which is untrusted: it has read a file that may be hostile."""
    if ending.returncode < 0 or ending.timed_out:
        # A reader that gets no more memory aborts.
        return {"problem": WorkbookProblem.TOO_LARGE}
    try:
        answer = json.loads(ending.output)
    except ValueError as error:
        raise BadFile(f"The workbook can't be read here: {ending.last_words}.") from error
    return answer if _is_sound(answer) else {"problem": WorkbookProblem.DAMAGED}


def _is_sound(answer: object) -> bool:
    match answer:
        case {"problem": "", "sheets": [str(), *others], "has_errors": bool()}:
            return all(isinstance(name, str) for name in others)
        case {"problem": str(problem)}:
            return problem in set(WorkbookProblem)
        case _:
            return False


def _warn_of(answer: dict[str, Any], warn: Warn) -> None:
    names = [ascii(name)[:80] for name in answer["sheets"][: MOST_SHEETS + 1]]
    if len(names) > 1:
        warn(f"Read the sheet {names[0]}, and not {', '.join(names[1:])}.")
    if answer["has_errors"]:
        warn("Cells with errors such as #N/A were read as empty.")


def _open(path: Path) -> IO[bytes]:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise BadFile(f"The file {TOLD[WorkbookProblem.DAMAGED]}")
    return path.open("rb")


def _records(rows: IO[bytes]) -> Iterator[Record]:
    with rows:
        while line := rows.readline(LONGEST_ROW):
            if not line.endswith(b"\n"):
                raise BadFile(f"A row of the workbook is longer than {LONGEST_ROW} bytes.")
            yield _record(line)


def _record(line: bytes) -> Record:
    match json.loads(line):
        case [int(number), [*cells]] if all(isinstance(cell, str) for cell in cells):
            return number, cells
        case _:
            raise BadFile(f"The file {TOLD[WorkbookProblem.DAMAGED]}")
