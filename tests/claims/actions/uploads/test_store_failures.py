"""Whatever fails in the store, no row names a missing file, and left-over files are removed."""

from __future__ import annotations

import errno
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.utils import timezone

from claims import storage
from claims.actions.uploads import inspection, intake, pieces, retention
from claims.models import Piece, Rendition, Upload
from claims.queries.uploads import store_audit
from tests.failing import STORE_ERRORS, failing, truncating, use_failing
from tests.makers import make_order, make_sent, make_upload
from tests.media import make_screenshot

LATER = timedelta(hours=25)
FULL, DOWN, SLOW = (STORE_ERRORS[name] for name in ("full", "down", "slow"))
# The ways in which a put fails.
PUTS: dict[str, Callable[[], AbstractContextManager[None]]] = {
    "full": lambda: failing(save=FULL),
    "down": lambda: failing(save=DOWN),
    "slow": lambda: failing(save=SLOW),
    "down when asked for its size": lambda: failing(size=DOWN),
    "slow when asked for its size": lambda: failing(size=SLOW),
    "truncating": truncating,
    "full, and can't delete": lambda: failing(save=FULL, delete=DOWN),
}

pytestmark = pytest.mark.patient


@pytest.fixture(params=PUTS)
def trouble(request) -> AbstractContextManager[None]:
    return PUTS[request.param]()


def missing() -> list[str]:
    """Return the names of files that rows name and that don't exist."""
    found = store_audit.faults(now=timezone.now(), grace=timedelta(0), hashing=True)
    return [finding.name for finding in found if finding.fault != store_audit.Fault.LEFT_OVER]


def left_over() -> list[str]:
    """Run the sweep of orphans; return the names of the files without a row that remain."""
    retention.remove_orphans(now=timezone.now() + LATER)
    found = store_audit.faults(now=timezone.now() + LATER, grace=timedelta(0), hashing=False)
    return [finding.name for finding in found if finding.fault == store_audit.Fault.LEFT_OVER]


@pytest.fixture
def agree(db) -> Iterator[None]:
    """Check afterwards that rows and files agree."""
    yield
    assert missing() == []
    assert left_over() == []


def receive(order, content: bytes = b"whole") -> Upload:
    received = intake.Received(
        file=ContentFile(content),
        name="a.png",
        kind="screenshot",
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return intake.receive_upload(
        order=order, by=order.customer, received=received, now=timezone.now()
    )


def test_a_file_that_the_spool_does_not_take_has_no_row(agree, ann, settings, trouble):
    use_failing(settings, "spool")
    order = make_order(ann)

    with trouble, pytest.raises(storage.StoreUnavailable):
        receive(order)

    assert not Upload.objects.exists()
    assert receive(order).state == "waiting"


def test_a_piece_that_the_spool_does_not_take_is_sent_again(agree, ann, settings, trouble):
    use_failing(settings, "spool")
    content = make_screenshot()
    upload = pieces.begin_upload(
        order=make_order(ann), by=ann, name="a.png", size=len(content), now=timezone.now()
    )

    def send() -> Upload:
        return pieces.keep_piece(upload=upload, by=ann, sent=make_sent(content), now=timezone.now())

    with trouble, pytest.raises(storage.StoreUnavailable):
        send()

    upload.refresh_from_db()
    assert (upload.received, upload.state, Piece.objects.count()) == (0, "receiving", 0)
    assert send().state == "waiting"


@pytest.fixture
def waiting(ann) -> Upload:
    return make_upload(make_order(ann, completed=True), content=make_screenshot())


def inspect(upload: Upload) -> None:
    inspection.inspect_upload(upload_id=upload.pk, clock=timezone.now)
    upload.refresh_from_db()


def test_an_inspection_waits_for_the_store_and_finishes_when_it_is_back(
    agree, waiting, settings, trouble, django_capture_on_commit_callbacks
):
    use_failing(settings, "evidence")

    with trouble, pytest.raises(storage.StoreUnavailable):
        inspect(waiting)

    waiting.refresh_from_db()
    assert (waiting.state, waiting.pieces.count(), Rendition.objects.count()) == ("waiting", 1, 0)
    with django_capture_on_commit_callbacks(execute=True):
        inspect(waiting)
    assert (waiting.state, waiting.pieces.count(), Rendition.objects.count()) == ("accepted", 0, 2)


@pytest.mark.parametrize("name", STORE_ERRORS)
def test_an_original_that_cannot_be_read_is_inspected_later(agree, waiting, settings, name):
    use_failing(settings, "spool")

    with failing(open=STORE_ERRORS[name]), pytest.raises(storage.StoreUnavailable):
        inspect(waiting)

    inspect(waiting)
    assert waiting.state == "accepted"


@pytest.mark.parametrize("name", STORE_ERRORS)
def test_an_original_that_cannot_be_deleted_fails_no_inspection(
    agree, waiting, settings, name, django_capture_on_commit_callbacks
):
    use_failing(settings, "spool")

    with (
        failing(delete=STORE_ERRORS[name]),
        django_capture_on_commit_callbacks(execute=True),
    ):
        inspect(waiting)

    assert waiting.state == "accepted"


def test_a_full_disk_for_working_folders_is_a_full_store(agree, waiting, monkeypatch):
    def full(*args: object, **words: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", full)
    with pytest.raises(storage.StoreFull):
        inspect(waiting)

    monkeypatch.undo()
    inspect(waiting)
    assert waiting.state == "accepted"


def test_renditions_stay_when_nobody_knows_whether_their_rows_were_written(
    agree, waiting, monkeypatch
):
    finish = inspection.finish_inspection

    def lost_on_the_way_back(**words):
        finish(**words)
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(inspection, "finish_inspection", lost_on_the_way_back)

    with pytest.raises(OperationalError):
        inspect(waiting)

    names = list(Rendition.objects.values_list("name", flat=True))
    assert len(names) == 2
    assert all(storage.store().exists(name) for name in names)


def test_without_the_look_at_its_size_a_truncated_file_gets_a_row(ann, settings, monkeypatch):
    use_failing(settings, "spool")
    monkeypatch.setattr(storage, "_size", lambda place, name: len(b"whole"))

    with truncating():
        upload = receive(make_order(ann))

    assert missing() == [upload.pieces.get().name]
