"""Where bytes live: the spool for what comes in, the evidence store for what we made of it.

Both are private, and no name in either can be guessed or says anything about what it holds. What
goes wrong with either is a `StoreUnavailable`: worth another try later, and no fault of the file.
"""

from __future__ import annotations

import errno
import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from django.core.files.storage import Storage, storages
from s3transfer.exceptions import RetriesExceededError

INPUT_NAME = "input"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
LINK_SECONDS = 300
"""For how long a signed link to a rendition works."""
ENDINGS = {"image/webp": "webp", "video/mp4": "mp4"}
NOT_FOUND = 404
BUCKET_ERRORS = (BotoCoreError, ClientError, RetriesExceededError)
"""Some of them are an `OSError` besides, such as the one of a time limit."""

log = logging.getLogger(__name__)


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
    try:
        with store_errors():
            kept = storage.save(name, file)
            found = _size(storage, kept)
    except StoreUnavailable as failure:
        # A folder may hold half of it now. A bucket keeps a file whole or not at all, and asking
        # it once more would only make somebody wait for the same failure; what it kept without
        # saying so, a sweep finds later.
        if not isinstance(failure.__cause__, BUCKET_ERRORS):
            discard(storage, [name])
        raise
    if found != size:
        discard(storage, [kept])
        raise StoreUnavailable(f"The store kept {found} of {size} bytes.")
    return kept


def _size(storage: Storage, name: str) -> int:
    try:
        return storage.size(name)
    except FileNotFoundError:
        return 0


def delete_all(storage: Storage, names: Iterable[str]) -> None:
    """Delete files; one that is gone already is no error. Raises `StoreUnavailable`."""
    with store_errors():
        for name in filter(None, names):
            storage.delete(name)


def discard(storage: Storage, names: Iterable[str]) -> None:
    """Delete files that no row names. What the store doesn't let go of now, a sweep finds later."""
    try:
        delete_all(storage, names)
    except StoreUnavailable as failure:
        log.warning("Files without a row stay until the next sweep: %s", failure)


def signed_link(name: str, *, media_type: str) -> str:
    """An address at the store itself that shows one rendition for five minutes, as what it is."""
    signing: Any = store()  # Django's own storages sign nothing, so its types know no parameters
    forced = {
        "ResponseContentType": media_type,
        "ResponseContentDisposition": f'inline; filename="evidence.{ENDINGS[media_type]}"',
        "ResponseCacheControl": "private, no-store",
    }
    with store_errors():
        return str(signing.url(name, parameters=forced, expire=LINK_SECONDS))


def folders(storage: Storage) -> list[str]:
    """The folders that names begin with, in order; and "" for what lies beside them."""
    with store_errors():
        try:
            return ["", *sorted(storage.listdir("")[0])]
        except FileNotFoundError:
            return []


def names_in(storage: Storage, folder: str) -> list[str]:
    """The names in one of `folders`, in order."""
    with store_errors():
        try:
            files = storage.listdir(folder)[1]
        except FileNotFoundError:
            return []
    return sorted(f"{folder}/{file}" if folder else file for file in files)


def modified_at(storage: Storage, name: str) -> datetime | None:
    """When a file was kept; None when it is gone."""
    with store_errors():
        try:
            return storage.get_modified_time(name)
        except FileNotFoundError:
            return None
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == NOT_FOUND:
                return None
            raise


@contextmanager
def store_errors() -> Iterator[None]:
    """Whatever a store raises, as `StoreUnavailable`."""
    try:
        yield
    except BUCKET_ERRORS as error:
        raise StoreUnavailable(str(error)) from error
    except OSError as error:
        kind = StoreFull if error.errno in FULL else StoreUnavailable
        raise kind(str(error)) from error


@contextmanager
def working_folder() -> Iterator[Path]:
    """An empty folder that is gone afterwards, on the disk that uploads are on.

    Raises `StoreUnavailable` when there is no room for it.
    """
    with store_errors():
        made = tempfile.TemporaryDirectory(
            dir=settings.FILE_UPLOAD_TEMP_DIR, ignore_cleanup_errors=True
        )
    with made as folder:
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
