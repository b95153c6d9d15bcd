"""The inspection of a file: its real format, and safe renditions of it.

Nothing here imports Django. The calling process reads bytes only to measure them; all parsing,
decoding and encoding runs in a confined child process (`sandbox`).
"""

from claims.inspection.confinement.sandbox import (
    ChildFailed,
    InspectionError,
    Interrupted,
    IsStopping,
    Stopped,
)
from claims.inspection.formats import SNIFF_BYTES, Format, sniff
from claims.inspection.limits import Limits
from claims.inspection.orchestration import inspect
from claims.inspection.refused_formats import why_not
from claims.inspection.report import (
    FileProblem,
    InspectionReport,
    RenditionFile,
)

__all__ = [
    "SNIFF_BYTES",
    "ChildFailed",
    "FileProblem",
    "Format",
    "InspectionError",
    "InspectionReport",
    "Interrupted",
    "IsStopping",
    "Limits",
    "RenditionFile",
    "Stopped",
    "inspect",
    "sniff",
    "why_not",
]
