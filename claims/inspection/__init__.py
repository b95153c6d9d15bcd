"""What a file really is, and a safe rendition of it.

Nothing here knows Django. The calling process reads bytes only to measure them; whatever parses,
decodes or encodes runs in a confined child process (`sandbox`).
"""

from claims.inspection.confinement.sandbox import ChildFailed, InspectionError
from claims.inspection.formats import SNIFF_BYTES, Format, sniff
from claims.inspection.limits import Limits
from claims.inspection.orchestration import inspect
from claims.inspection.refused_formats import why_not
from claims.inspection.report import (
    MESSAGES,
    FileProblem,
    InspectionReport,
    RenditionFile,
    message_for,
)

__all__ = [
    "MESSAGES",
    "SNIFF_BYTES",
    "ChildFailed",
    "FileProblem",
    "Format",
    "InspectionError",
    "InspectionReport",
    "Limits",
    "RenditionFile",
    "inspect",
    "message_for",
    "sniff",
    "why_not",
]
