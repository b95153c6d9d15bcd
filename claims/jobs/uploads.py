"""Jobs on uploads and their files."""

import logging
import threading
import time

from django.conf import settings
from django.utils import timezone
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.job_context import AbortReason

from claims.actions.uploads import inspection, intake, repeats, retention
from claims.jobs.queues import Queue
from claims.jobs.upkeep import UntilItIsBack

BATCH = 500
SMALL_BATCH = 50  # rows whose files are removed one by one

HOUR = 3600  # seconds

log = logging.getLogger(__name__)


@app.task(
    name=intake.INSPECT_UPLOAD,
    queue=Queue.INSPECTION,
    retry=UntilItIsBack(),
    pass_context=True,
)
def inspect_upload(context: JobContext, upload_id: int) -> None:
    """Inspect one upload in a child process and keep its renditions.

    A worker that must end now stops the child, and another worker begins anew.
    """
    inspection.inspect_upload(
        upload_id=upload_id,
        attempt=context.job.attempts,
        clock=timezone.now,
        is_stopping=lambda: context.abort_reason() == AbortReason.SHUTDOWN,
    )


@app.task(
    name=repeats.LOOK_FOR_REPEATS,
    queue=Queue.REVIEW,
    retry=RetryStrategy(max_attempts=5, exponential_wait=4),
)
def look_for_repeats(claim_id: int) -> None:
    """Mark claims that show the same evidence."""
    repeats.mark_repeats(claim_id=claim_id)


@app.periodic(cron="*/10 * * * *")
@app.task(name="claims.remove_old_files", queue=Queue.UPKEEP, queueing_lock="remove_old_files")
def remove_old_files(timestamp: int) -> None:
    """Remove abandoned uploads and old evidence, batch after batch, every ten minutes.

    Before that, refuse the uploads that were interrupted a day ago: their originals go.
    """
    now = timezone.now()
    days = settings.EVIDENCE_RETENTION_DAYS
    while inspection.refuse_interrupted_too_long(now=now, limit=SMALL_BATCH) == SMALL_BATCH:
        pass
    while retention.remove_abandoned(now=now, limit=SMALL_BATCH) == SMALL_BATCH:
        pass
    while retention.remove_old_evidence(now=now, days=days, limit=SMALL_BATCH) == SMALL_BATCH:
        pass
    while retention.forget_removed(now=now, limit=BATCH) == BATCH:
        pass


@app.periodic(cron="17 * * * *")
@app.task(name="claims.remove_orphans", queue=Queue.UPKEEP, queueing_lock="remove_orphans")
def remove_orphans(timestamp: int) -> None:
    """Delete files that no row has named for nearly a day, once an hour."""
    retention.remove_orphans(now=timezone.now())


def keep_incoming_clear() -> None:
    """Start a thread that clears this machine's folder of incoming files, now and every hour.

    No job does this, because a job runs on one machine, and each machine has such a folder.
    """
    threading.Thread(target=_clear_incoming, name="clear-incoming", daemon=True).start()


def _clear_incoming() -> None:
    while True:
        try:
            retention.remove_leftovers(now=timezone.now())
        except OSError:
            log.exception("The folder for incoming files can't be cleared.")
        time.sleep(HOUR)
