"""The spool for incoming files, and the evidence store for the renditions that we make.

Both are private, and their file names are random. Every failure of either is a `StoreUnavailable`:
the caller may try again later, and the file is not at fault.
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
"""The lifetime of a signed link to a rendition."""
ENDINGS = {"image/webp": "webp", "video/mp4": "mp4"}
NOT_FOUND = 404
BUCKET_ERRORS = (BotoCoreError, ClientError, RetriesExceededError)
"""The errors of a bucket. Some of them, such as a timeout, are an `OSError` too."""

log = logging.getLogger(__name__)


class StoreUnavailable(Exception):
    """The store is unreachable or too slow, or it kept only part of a file."""


class StoreFull(StoreUnavailable):
    """The store has no room left."""


def spool() -> Storage:
    """Return the storage of customers' files that wait for inspection. No one ever sees these."""
    return storages["spool"]


def store() -> Storage:
    """Return the storage of renditions, which we made."""
    return storages["evidence"]


def new_name(suffix: str = "") -> str:
    """Return a name of 128 random bits, in one of 256 folders."""
    token = token_hex(16)
    return f"{token[:2]}/{token}{suffix}"


def put_in_spool(file: File[bytes], *, size: int) -> str:
    """Store an incoming file and return its name. Raises `StoreUnavailable`."""
    return _put(spool(), new_name(), file, size)


def put_in_store(path: Path) -> str:
    """Store a file that we made and return its name. Raises `StoreUnavailable`."""
    with path.open("rb") as source:
        return _put(store(), new_name(path.suffix), File(source), path.stat().st_size)


def _put(storage: Storage, name: str, file: File[bytes], size: int) -> str:
    """Store a file and check its size in the store."""
    try:
        with store_errors():
            kept = storage.save(name, file)
            found = _size(storage, kept)
    except StoreUnavailable as failure:
        # A folder may now hold half of the file. A bucket keeps a file whole or not at all, and
        # another request would only fail in the same way. If the bucket kept the file without
        # answering, the sweep deletes it later.
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
    """Delete files; a missing one is no error. Raises `StoreUnavailable`."""
    with store_errors():
        for name in filter(None, names):
            storage.delete(name)


def discard(storage: Storage, names: Iterable[str]) -> None:
    """Delete files that no row names. The sweep later deletes those that fail now."""
    try:
        delete_all(storage, names)
    except StoreUnavailable as failure:
        log.warning("Files without a row stay until the next sweep: %s", failure)


def signed_link(name: str, *, media_type: str) -> str:
    """Return an address at the store that serves one rendition, as its own type, for 5 minutes."""
    signing: Any = store()  # Django's own storages sign nothing, so its types know no parameters
    forced = {
        "ResponseContentType": media_type,
        "ResponseContentDisposition": f'inline; filename="evidence.{ENDINGS[media_type]}"',
        "ResponseCacheControl": "private, no-store",
    }
    with store_errors():
        return str(signing.url(name, parameters=forced, expire=LINK_SECONDS))


def folders(storage: Storage) -> list[str]:
    """Return the folders that names begin with, in order, and "" for the files outside them."""
    with store_errors():
        try:
            return ["", *sorted(storage.listdir("")[0])]
        except FileNotFoundError:
            return []


def names_in(storage: Storage, folder: str) -> list[str]:
    """Return the names in one of `folders`, in order."""
    with store_errors():
        try:
            files = storage.listdir(folder)[1]
        except FileNotFoundError:
            return []
    return sorted(f"{folder}/{file}" if folder else file for file in files)


def modified_at(storage: Storage, name: str) -> datetime | None:
    """Return the time at which a file was stored; None if it is gone."""
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
    """Turn every exception of a store into `StoreUnavailable`."""
    try:
        yield
    except BUCKET_ERRORS as error:
        raise StoreUnavailable(str(error)) from error
    except OSError as error:
        kind = StoreFull if error.errno in FULL else StoreUnavailable
        raise kind(str(error)) from error


@contextmanager
def working_folder() -> Iterator[Path]:
    """Yield an empty folder on the disk of the uploads, and delete it afterwards.

    Raises `StoreUnavailable` if the disk has no room for it.
    """
    with store_errors():
        made = tempfile.TemporaryDirectory(
            dir=settings.FILE_UPLOAD_TEMP_DIR, ignore_cleanup_errors=True
        )
    with made as folder:
        yield Path(folder)


@contextmanager
def out_of_spool(names: Iterable[str]) -> Iterator[Path]:
    """Yield a local copy of a spooled file, joined from its pieces, and delete it afterwards."""
    with working_folder() as folder:
        copy = folder / INPUT_NAME
        with store_errors(), copy.open("wb") as target:
            for name in names:
                with spool().open(name) as source:
                    shutil.copyfileobj(source, target, 1024 * 1024)
        yield copy
