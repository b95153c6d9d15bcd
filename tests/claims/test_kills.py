"""A worker is killed anywhere in an inspection: the file is inspected again, once, and nothing is
left.
"""

from __future__ import annotations

import signal
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued

from claims import storage
from claims.actions.uploads import pieces, retention
from claims.models import Claim, Event, Evidence, Order, Rendition, Upload
from tests.claims.inspection.children import eventually
from tests.claims.test_jobs import data_dir, wait_for
from tests.makers import make_claim, make_order, make_sent, make_user
from tests.media import make_video
from tests.processes import PATIENCE, running, worker

__all__ = ["data_dir"]

POINTS = [
    "when it has claimed the job",
    "while it copies the original",
    "while the scanner reads",
    "while the child runs",
    "before the first rendition is stored",
    "in the middle of a rendition",
    "after the first rendition is stored",
    "after the last rendition is stored",
    "before the commit",
    "after the commit",
    "between two deletes",
    "before the job is done",
]
COMMITTED = {"after the commit", "between two deletes", "before the job is done"}
LEFT = {
    "in the middle of a rendition": 1,
    "after the first rendition is stored": 1,
    "after the last rendition is stored": 3,
    "before the commit": 3,
    "after the commit": 2,
    "between two deletes": 1,
}
"""Files without a row that each of these kills leaves; the others leave none."""
INSPECTIONS = ProcrastinateJob.objects.filter(task_name="claims.inspect_upload")


def make_evidence(customer, content: bytes) -> tuple[Claim, Upload]:
    order = make_order(customer)
    upload = make_upload_in_two_pieces(order, content)
    claim = make_claim(order)
    Evidence.objects.create(claim=claim, upload=upload, added_at=timezone.now())
    return claim, upload


def make_upload_in_two_pieces(order: Order, content: bytes) -> Upload:
    now = timezone.now()
    upload = pieces.begin_upload(
        order=order, by=order.customer, name="proof.mp4", size=len(content), now=now
    )
    half = len(content) // 2
    for sent in (make_sent(content[:half]), make_sent(content[half:], half)):
        upload = pieces.keep_piece(upload=upload, by=order.customer, sent=sent, now=now)
    return upload


def kill_worker(point: str, data_dir: Path, clamd: str) -> None:
    """Let a worker begin and die at this point, with all that it started."""
    arguments, log = ["-m", "tests.killing", point], data_dir / "killed.log"
    with running(arguments, data_dir, log, CLAMD_URL=clamd) as process:
        status = process.wait(timeout=PATIENCE)
    assert status == -signal.SIGKILL, log.read_text()
    assert eventually(lambda: not working_below(data_dir))


def all_files() -> set[str]:
    places = [storage.spool(), storage.store()]
    return {
        name
        for place in places
        for folder in storage.folders(place)
        for name in storage.names_in(place, folder)
    }


def working_below(folder: Path) -> list[str]:
    """Return the processes whose working folder is this folder or below it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if str((entry / "cwd").readlink()).startswith(str(folder)):
                found.append(entry.name)
    return found


def without_a_row() -> set[str]:
    rows = {*Rendition.objects.values_list("name", flat=True)}
    rows |= {*Upload.objects.filter(pieces__isnull=False).values_list("pieces__name", flat=True)}
    return all_files() - rows


def take_up_again() -> None:
    """Set the heartbeat of those workers back a minute, so that their jobs are taken up again."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 h'")
    with suppress(AlreadyEnqueued):
        app.configure_task("claims.retry_stalled").defer(timestamp=0)


def test_killed_anywhere_an_upload_is_inspected_again_once_and_no_file_is_orphaned(
    real_commits, data_dir, clamd
):
    ann = make_user("ann@example.com")
    content = make_video(seconds=1.5, size=(180, 320))
    killed, left = {}, {}
    for point in POINTS:
        killed[point] = claim, upload = make_evidence(ann, content)
        kill_worker(point, data_dir, clamd)
        upload.refresh_from_db()
        expected = "accepted" if point in COMMITTED else "waiting"
        assert upload.state == expected, point
        assert INSPECTIONS.get(args__upload_id=upload.pk).status == "doing", point
        left[point] = len(without_a_row()) - sum(left.values())
    assert left == dict.fromkeys(POINTS, 0) | LEFT, "the test kills where it hurts"
    assert list((data_dir / "incoming").iterdir())

    take_up_again()
    with worker(data_dir, CLAMD_URL=clamd):
        wait_for(lambda: INSPECTIONS.filter(status="succeeded").count() == len(POINTS))

    for point, (claim, upload) in killed.items():
        upload.refresh_from_db()
        assert (upload.state, upload.scan, upload.problem) == ("accepted", "clean", ""), point
        roles = sorted(upload.renditions.values_list("role", flat=True))
        assert roles == ["poster", "thumbnail", "video"], point
        assert not upload.pieces.exists(), point
        accepted = claim.events.filter(kind=Event.Kind.EVIDENCE_ACCEPTED)
        assert accepted.count() == 1, point
        assert not claim.events.filter(kind=Event.Kind.EVIDENCE_REFUSED).exists(), point

    retention.remove_orphans(now=timezone.now() + timedelta(days=2))
    retention.remove_leftovers(now=timezone.now() + timedelta(days=2))

    assert without_a_row() == set()
    assert all_files() == {*Rendition.objects.values_list("name", flat=True)}
    assert list((data_dir / "incoming").iterdir()) == []
    assert not working_below(data_dir)
