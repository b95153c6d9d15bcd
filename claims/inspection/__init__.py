"""What a file really is, and a safe rendition of it.

Nothing here knows Django. The calling process reads bytes only to measure them; whatever parses,
decodes or encodes runs in a confined child process (`sandbox`).
"""

from claims.inspection.formats import SNIFF_BYTES, Format, sniff
from claims.inspection.inspecting import inspect
from claims.inspection.limits import Limits
from claims.inspection.report import MESSAGES, Problem, Rendition, Report, message_for
from claims.inspection.sandbox import ChildFailed, InspectionError
from claims.inspection.unreadable import why_not

__all__ = [
    "MESSAGES",
    "SNIFF_BYTES",
    "ChildFailed",
    "Format",
    "InspectionError",
    "Limits",
    "Problem",
    "Rendition",
    "Report",
    "inspect",
    "message_for",
    "sniff",
    "why_not",
]
