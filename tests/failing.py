"""A folder that fails as disks and stores do, when a test says so."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, ClassVar

from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

FULL = OSError(errno.ENOSPC, "No space left on device")
DOWN = ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused")
SLOW = TimeoutError(errno.ETIMEDOUT, "Timed out")
STORE_ERRORS = {"full": FULL, "down": DOWN, "slow": SLOW}


class FailingStorage(FileSystemStorage):
    """A storage with failing calls: `failing` names them; `save` first leaves half of the file."""

    failing: ClassVar[dict[str, OSError]] = {}
    truncating: ClassVar[bool] = False
    calls: ClassVar[list[str]] = []

    def _fail(self, call: str) -> None:
        self.calls.append(call)
        if call in self.failing:
            raise self.failing[call]

    def save(self, name: str | None, content: IO[Any], max_length: int | None = None) -> str:
        if "save" in self.failing or self.truncating:
            half = content.read()
            kept = super().save(name, ContentFile(half[: len(half) // 2]), max_length)
            self._fail("save")
            return kept
        self._fail("save")
        return super().save(name, content, max_length)

    def open(self, name: str, mode: str = "rb") -> File[Any]:
        self._fail("open")
        return super().open(name, mode)

    def size(self, name: str) -> int:
        self._fail("size")
        return super().size(name)

    def delete(self, name: str) -> None:
        self._fail("delete")
        super().delete(name)

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        self._fail("listdir")
        return super().listdir(path)


def use_failing(settings: Any, *places: str) -> None:
    """Make these storages fail when a test says so, in their own folders."""
    settings.STORAGES = settings.STORAGES | {
        place: settings.STORAGES[place] | {"BACKEND": "tests.failing.FailingStorage"}
        for place in places
    }


@contextmanager
def failing(**calls: OSError) -> Iterator[None]:
    FailingStorage.failing.update(calls)
    try:
        yield
    finally:
        FailingStorage.failing.clear()


@contextmanager
def truncating() -> Iterator[None]:
    FailingStorage.truncating = True
    try:
        yield
    finally:
        FailingStorage.truncating = False
