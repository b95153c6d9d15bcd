"""The way of one upload through the inspection, as a worker goes it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from claims import storage
from claims.actions.evidence import Stored, finish_inspection
from claims.inspection import Report, inspect
from claims.models import Upload


def inspect_upload(*, upload_id: int, clock: Callable[[], datetime]) -> None:
    """Inspect a spooled upload, keep its renditions, and write down what was found.

    Nothing is locked while the child process works. `clock` is asked when the work is done. An
    upload that is gone or inspected already is left alone.
    """
    upload = Upload.objects.filter(pk=upload_id, state=Upload.State.WAITING).first()
    if upload is None:
        return
    with storage.out_of_spool(upload.spool_name) as original, storage.working_folder() as folder:
        report = inspect(original, folder)
        stored = _put_renditions(report, folder)
    kept = False
    try:
        kept = finish_inspection(upload_id=upload_id, report=report, stored=stored, now=clock())
    finally:
        if not kept:
            storage.delete_all(storage.store(), [rendition.name for rendition in stored])


def _put_renditions(report: Report, folder: Path) -> list[Stored]:
    return [
        Stored(
            role=Path(made.name).stem,
            name=storage.put_in_store(folder / made.name),
            media_type=made.media_type,
            width=made.width,
            height=made.height,
            size=made.size,
            sha256=made.sha256,
        )
        for made in report.renditions
    ]
