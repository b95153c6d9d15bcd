"""Where bytes live: the spool for what comes in, the evidence store for what we made of it.

Both are private, and no name in either can be guessed or says anything about what it holds.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

INPUT_NAME = "input"


def spool() -> Storage:
    """Bytes that a customer sent, until a worker has inspected them. Never shown to anyone."""
    return storages["spool"]


def store() -> Storage:
    """Renditions: bytes that we made."""
    return storages["evidence"]


def new_name(suffix: str = "") -> str:
    """A name of 128 random bits, in one of 256 folders."""
    token = token_hex(16)
    return f"{token[:2]}/{token}{suffix}"


def put_in_spool(file: File[bytes]) -> str:
    """Keep what came in, and say under what name."""
    return spool().save(new_name(), file)


def put_in_store(path: Path) -> str:
    """Keep a file that we made, and say under what name."""
    with path.open("rb") as source:
        return store().save(new_name(path.suffix), File(source))


def delete_all(storage: Storage, names: Iterable[str]) -> None:
    """Delete files; one that is gone already is no error."""
    for name in filter(None, names):
        storage.delete(name)


@contextmanager
def working_folder() -> Iterator[Path]:
    """An empty folder that is gone afterwards, on the disk that uploads are on."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        yield Path(folder)


@contextmanager
def out_of_spool(name: str) -> Iterator[Path]:
    """A local copy of a spooled file under a fixed name, gone afterwards."""
    with working_folder() as folder:
        copy = folder / INPUT_NAME
        with spool().open(name) as source, copy.open("wb") as target:
            shutil.copyfileobj(source, target, 1024 * 1024)
        yield copy
