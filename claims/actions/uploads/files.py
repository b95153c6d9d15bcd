"""The files of an upload in the spool and in the store."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.core.files import File
from django.db import InterfaceError, OperationalError, transaction

from claims import storage
from claims.models import Upload


@contextmanager
def spooled(file: File[bytes], *, size: int) -> Iterator[str]:
    """Yield the name of a new file in the spool, and delete the file if writing its row fails.

    If the database is lost meanwhile, nobody knows whether the row was written. The file then
    stays: a sweep deletes a file without a row later, but a row without a file is a loss. Raises
    `storage.StoreUnavailable`.
    """
    name = storage.put_in_spool(file, size=size)
    try:
        yield name
    except (OperationalError, InterfaceError):
        raise
    except BaseException:
        storage.discard(storage.spool(), [name])
        raise


def remove_files(upload: Upload, *, now: datetime) -> None:
    """Delete all files of a locked upload; its row stays, as `removed`."""
    spooled = upload.spooled()
    renditions = list(upload.renditions.values_list("name", flat=True))
    upload.pieces.all().delete()
    upload.renditions.all().delete()
    upload.fingerprints.all().delete()
    upload.metadata = ""
    upload.state = Upload.State.REMOVED
    upload.removed_at = now
    upload.save(update_fields=["metadata", "state", "removed_at"])
    delete_after_commit(spooled=spooled, stored=renditions)


def delete_after_commit(*, spooled: Sequence[str] = (), stored: Sequence[str] = ()) -> None:
    """Delete files that no row names any more, after the commit.

    A failing store raises nothing: a sweep deletes the files later.
    """
    transaction.on_commit(lambda: storage.discard(storage.spool(), spooled))
    transaction.on_commit(lambda: storage.discard(storage.store(), stored))
