"""Where bytes live: the spool for what comes in, the evidence store for what we made of it.

Both are private, and no name in either can be guessed or says anything about what it holds. What
goes wrong with either is a `StoreUnavailable`: worth another try later, and no fault of the file.
"""

from __future__ import annotations

import errno
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages

INPUT_NAME = "input"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class StoreUnavailable(Exception):
    """The store can't be reached, is too slow, or kept less than it was given."""


class StoreFull(StoreUnavailable):
    """There is no room left."""


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


def put_in_spool(file: File[bytes], *, size: int) -> str:
    """Keep what came in, and say under what name. Raises `StoreUnavailable`."""
    return _put(spool(), new_name(), file, size)


def put_in_store(path: Path) -> str:
    """Keep a file that we made, and say under what name. Raises `StoreUnavailable`."""
    with path.open("rb") as source:
        return _put(store(), new_name(path.suffix), File(source), path.stat().st_size)


def _put(storage: Storage, name: str, file: File[bytes], size: int) -> str:
    """Believe a store that it kept a file only when it says so of every byte."""
    with store_errors():
        kept = storage.save(name, file)
        try:
            found = storage.size(kept)
        except FileNotFoundError:
            found = 0
        if found != size:
            delete_all(storage, [kept])
            raise StoreUnavailable(f"The store kept {found} of {size} bytes.")
        return kept


def delete_all(storage: Storage, names: Iterable[str]) -> None:
    """Delete files; one that is gone already is no error."""
    with store_errors():
        for name in filter(None, names):
            storage.delete(name)


@contextmanager
def store_errors() -> Iterator[None]:
    """Whatever a store raises, as `StoreUnavailable`."""
    try:
        yield
    except OSError as error:
        kind = StoreFull if error.errno in FULL else StoreUnavailable
        raise kind(str(error)) from error
    except (BotoCoreError, ClientError) as error:
        raise StoreUnavailable(str(error)) from error


@contextmanager
def working_folder() -> Iterator[Path]:
    """An empty folder that is gone afterwards, on the disk that uploads are on."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        yield Path(folder)


@contextmanager
def out_of_spool(names: Iterable[str]) -> Iterator[Path]:
    """A local copy of a spooled file, put together from its pieces, gone afterwards."""
    with working_folder() as folder:
        copy = folder / INPUT_NAME
        with store_errors(), copy.open("wb") as target:
            for name in names:
                with spool().open(name) as source:
                    shutil.copyfileobj(source, target, 1024 * 1024)
        yield copy
