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
    """A new file in the spool, by its name; it goes again when its row is not written.

    When the database is lost on the way, nobody knows whether the row was written: then the file
    stays, because a file without a row is cleared later, and a row without a file is a loss.
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
    """Delete all bytes of a locked upload; its line stays."""
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
    """Delete files that no row names any more, once this transaction is through.

    A store that fails then changes nothing: the sweep finds what stayed.
    """
    transaction.on_commit(lambda: storage.discard(storage.spool(), spooled))
    transaction.on_commit(lambda: storage.discard(storage.store(), stored))
