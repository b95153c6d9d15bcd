"""The kind of upload for each kind of evidence that the inspection recognises."""

from __future__ import annotations

from typing import assert_never

from claims.inspection.formats import EvidenceKind
from claims.models import Upload


def kind_of(found: EvidenceKind) -> Upload.Kind:
    match found:
        case "screenshot":
            return Upload.Kind.SCREENSHOT
        case "video":
            return Upload.Kind.VIDEO
        case _:
            assert_never(found)
