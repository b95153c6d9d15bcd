from collections.abc import Callable
from pathlib import Path

import pytest

from claims.inspection import InspectionReport, Limits, inspect

Inspector = Callable[..., InspectionReport]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """Return the working folder, where renditions appear."""
    folder = tmp_path / "renditions"
    folder.mkdir()
    return folder


@pytest.fixture
def inspected(tmp_path: Path, into: Path) -> Inspector:
    """Return a function that inspects bytes, as an upload without a telling name."""

    def inspect_bytes(data: bytes, **limits: float) -> InspectionReport:
        upload = tmp_path / "upload"
        upload.write_bytes(data)
        return inspect(upload, into, Limits(**limits))  # type: ignore[arg-type]  # int or float

    return inspect_bytes
