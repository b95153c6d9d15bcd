"""The entry point of a child's work: render standard input and answer in one line of JSON."""

import errno
import json
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from io import BufferedReader
from typing import Final

from claims.inspection.findings import Findings, Refusal
from claims.inspection.limits import Limits
from claims.inspection.report import FileProblem

logger = logging.getLogger(__name__)

Render = Callable[[BufferedReader, Limits, Findings], None]

NOT_THE_FILES_FAULT: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES})


def answer(render: Render) -> None:
    """Render the file, print the findings and end the process with status 0.

    Raises OSError if the working folder can't be written, which says nothing about the file; the
    process then ends without an answer and with another status.
    """
    limits = Limits(**json.loads(sys.argv[2]))
    findings = Findings()
    with open(0, "rb", closefd=False) as source:
        # The parent has read it to the end, and the child shares its file offset.
        source.seek(0)
        findings.problem = _attempt(render, source, limits, findings)
    sys.stdout.write(json.dumps(asdict(findings)))
    sys.stdout.flush()
    # Native libraries have no work left, and their clean-up could only crash.
    os._exit(0)


def _attempt(
    render: Render, source: BufferedReader, limits: Limits, findings: Findings
) -> FileProblem | None:
    try:
        render(source, limits, findings)
    except Refusal as refusal:
        return refusal.problem
    except MemoryError:
        return FileProblem.USED_TOO_MUCH
    except OSError as error:
        if error.errno in NOT_THE_FILES_FAULT:
            raise
        logger.exception("Writing or reading failed.")
        return FileProblem.USED_TOO_MUCH if error.errno == errno.EFBIG else FileProblem.DAMAGED
    except Exception:
        # A hostile file can make a decoder raise any exception; the log says which.
        logger.exception("Decoding failed.")
        return FileProblem.DAMAGED
    return None
