"""An inspection that can't be done now is done later; one that never can ends with a message."""

from __future__ import annotations

import io
import logging
from hashlib import sha256

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, OperationalError
from django.test import TestCase
from django.utils import timezone
from PIL import Image
from procrastinate.jobs import Job

from claims import storage
from claims.actions.uploads import inspection, intake
from claims.inspection import ChildFailed, InspectionError
from claims.jobs import upkeep, uploads
from claims.models import Claim, Event, Evidence, Piece, Rendition, Upload
from tests.makers import make_claim, make_order, make_upload
from tests.media import make_screenshot, make_video

SEVERAL = 3


def inspect(upload: Upload, *, attempt: int = 0) -> None:
    try:
        with TestCase.captureOnCommitCallbacks(execute=True):
            inspection.inspect_upload(upload_id=upload.pk, clock=timezone.now, attempt=attempt)
    finally:
        upload.refresh_from_db()


def files_in(place) -> list[str]:
    return [name for f in storage.folders(place) for name in storage.names_in(place, f)]


def make_waiting(customer) -> Upload:
    return make_upload(make_order(customer), content=make_screenshot(size=(390, 844)))


def in_pieces(upload: Upload) -> list[Piece]:
    """Return the same upload as if it had come in pieces: its hash isn't known."""
    whole = upload.pieces.get()
    with storage.spool().open(whole.name) as file:
        content = file.read()
    whole.delete()
    storage.delete_all(storage.spool(), [whole.name])
    Upload.objects.filter(pk=upload.pk).update(sha256="")
    third = len(content) // 3
    parts = [content[:third], content[third : 2 * third], content[2 * third :]]
    offsets = [0, third, 2 * third]
    return [
        Piece.objects.create(
            upload=upload,
            offset=offset,
            size=len(part),
            name=storage.put_in_spool(ContentFile(part), size=len(part)),
        )
        for offset, part in zip(offsets, parts, strict=True)
    ]


def overwrite(upload: Upload, content: bytes) -> None:
    path = storage.spool().path(upload.pieces.get().name)
    with open(path, "wb") as spooled:  # noqa: PTH123 - the storage says paths as text
        spooled.write(content)


class TestIntegrity:
    def test_the_hash_of_a_file_in_pieces_is_known_once_it_is_inspected(self, ann):
        upload = make_waiting(ann)
        known = upload.sha256
        in_pieces(upload)

        inspect(upload)

        assert (upload.state, upload.sha256, upload.progress) == ("accepted", known, 100)
        assert files_in(storage.spool()) == []

    def test_a_file_that_the_spool_has_changed_is_never_accepted(self, ann):
        upload = make_waiting(ann)
        other = make_screenshot("something else", size=(390, 844))
        overwrite(upload, other[: upload.size].ljust(upload.size, b"\0"))

        with pytest.raises(storage.StoreUnavailable, match="changed"):
            inspect(upload)

        assert (upload.state, upload.pieces.count()) == ("waiting", 1)
        assert files_in(storage.store()) == []

    def test_without_the_comparison_it_would_be_accepted(self, ann, monkeypatch):
        monkeypatch.setattr(inspection, "_refuse_to_believe", lambda upload, report: None)
        upload = make_waiting(ann)
        other = make_screenshot("something else", size=(390, 844))
        overwrite(upload, other[: upload.size].ljust(upload.size, b"\0"))

        inspect(upload)

        assert upload.state == Upload.State.ACCEPTED

    def test_a_file_that_the_spool_has_cut_off_is_tried_again(self, ann):
        upload = make_waiting(ann)
        content = make_screenshot(size=(390, 844))
        overwrite(upload, content[:-100])
        with pytest.raises(storage.StoreUnavailable, match="bytes"):
            inspect(upload)
        assert upload.state == Upload.State.WAITING

        overwrite(upload, content)
        inspect(upload, attempt=1)

        assert upload.state == Upload.State.ACCEPTED

    @pytest.mark.parametrize("lost", [0, 1, 2])
    def test_a_file_with_a_lost_piece_is_asked_for_again_after_some_tries(self, ann, lost):
        upload = make_waiting(ann)
        claim = make_claim(upload.order)
        Evidence.objects.create(claim=claim, upload=upload, added_at=timezone.now())
        pieces = in_pieces(upload)
        storage.delete_all(storage.spool(), [pieces[lost].name])
        for attempt in range(inspection.LOST_TRIES - 1):
            with pytest.raises(storage.StoreUnavailable):
                inspect(upload, attempt=attempt)
        assert upload.state == Upload.State.WAITING

        inspect(upload, attempt=inspection.LOST_TRIES - 1)

        claim.refresh_from_db()
        assert (upload.state, upload.report["problem"]) == ("refused", "lost")
        assert "Send it once more" in upload.problem_in_words
        assert (files_in(storage.spool()), files_in(storage.store())) == ([], [])
        assert claim.status == Claim.Status.SUBMITTED
        assert claim.events.filter(kind=Event.Kind.EVIDENCE_REFUSED).count() == 1


class TestThumbnail:
    @pytest.mark.parametrize(
        ("kind", "content", "size"),
        [
            ("screenshot", make_screenshot(size=(390, 844)), (74, 160)),
            ("video", make_video(seconds=1.2, size=(180, 320)), (90, 160)),
        ],
    )
    def test_it_is_kept_beside_what_it_stands_for(self, ann, kind, content, size):
        upload = make_upload(make_order(ann), kind=kind, content=content)

        inspect(upload)

        kept = upload.renditions.get(role=Rendition.Role.THUMBNAIL)
        with storage.store().open(kept.name) as stored:
            data = stored.read()
        assert Image.open(io.BytesIO(data), formats=["WEBP"]).size == size
        assert (kept.width, kept.height, kept.size) == (*size, len(data))
        assert kept.sha256 == sha256(data).hexdigest()
        assert kept.media_type == "image/webp"

    def test_it_goes_with_the_other_files(self, ann):
        upload = make_waiting(ann)
        inspect(upload)
        assert upload.renditions.filter(role=Rendition.Role.THUMBNAIL).exists()

        with TestCase.captureOnCommitCallbacks(execute=True):
            intake.discard_upload(
                token=upload.token, order_id=upload.order_id, by=ann, now=timezone.now()
            )

        assert not upload.renditions.exists()
        assert files_in(storage.store()) == []


class TestLater:
    @pytest.mark.parametrize(
        "failure",
        [
            storage.StoreUnavailable("down"),
            storage.StoreFull("full"),
            InspectionError("no child"),
            OSError("disk"),
            MemoryError("no room for the worker"),
            OperationalError("the database is gone"),
        ],
    )
    def test_what_passes_is_waited_for_without_end(self, ann, monkeypatch, failure):
        upload = make_waiting(ann)

        def fail(*args, **named):
            raise failure

        with monkeypatch.context() as failing:
            failing.setattr(inspection, "inspect", fail)
            for attempt in (0, 9, 10_000):
                with pytest.raises(type(failure)):
                    inspect(upload, attempt=attempt)
        assert (upload.state, upload.pieces.count()) == ("waiting", 1)

        inspect(upload, attempt=10_001)

        assert upload.state == Upload.State.ACCEPTED

    @pytest.mark.parametrize("moment", ["spool().open", "store().save", "store().size"])
    def test_a_store_that_is_down_for_a_while_costs_nothing(self, ann, monkeypatch, moment):
        upload = make_upload(
            make_order(ann), kind="video", content=make_video(seconds=1.2, size=(180, 320))
        )
        place, _, name = moment.partition("().")
        down = [ConnectionError("the store is down")] * SEVERAL
        really = getattr(getattr(storage, place)(), name)

        def flaky(*args, **named):
            if down:
                raise down.pop()
            return really(*args, **named)

        monkeypatch.setattr(getattr(storage, place)(), name, flaky)
        for attempt in range(SEVERAL):
            with pytest.raises(storage.StoreUnavailable):
                inspect(upload, attempt=attempt)
            assert upload.state == Upload.State.WAITING
        inspect(upload, attempt=SEVERAL)

        assert upload.state == Upload.State.ACCEPTED
        kept = set(upload.renditions.values_list("name", flat=True))
        assert len(kept) == 3
        assert files_in(storage.spool()) == []

    def test_a_store_that_goes_away_between_two_renditions_leaves_none_behind(
        self, ann, monkeypatch
    ):
        upload = make_upload(
            make_order(ann), kind="video", content=make_video(seconds=1.2, size=(180, 320))
        )
        really = storage.put_in_store
        calls = []

        def second_fails(path):
            calls.append(path)
            if len(calls) == 2:
                raise storage.StoreUnavailable("down")
            return really(path)

        monkeypatch.setattr(storage, "put_in_store", second_fails)
        with pytest.raises(storage.StoreUnavailable):
            inspect(upload)
        assert files_in(storage.store()) == []

        inspect(upload, attempt=1)

        kept = set(upload.renditions.values_list("name", flat=True))
        assert set(files_in(storage.store())) == kept
        assert upload.state == Upload.State.ACCEPTED

    def test_the_tries_come_ever_slower_but_never_end(self):
        waits = [upkeep.seconds_to_wait(attempts) for attempts in (0, 1, 2, 3, 4, 5, 10_000)]

        assert waits == [4, 16, 64, 256, 300, 300, 300]

    def test_a_failed_inspection_is_always_tried_again(self):
        job = Job(
            id=1, queue="inspection", lock=None, queueing_lock=None, attempts=10_000,
            task_name="claims.inspect_upload", task_kwargs={},
        )  # fmt: skip
        strategy = uploads.inspect_upload.retry_strategy

        decision = strategy.get_retry_decision(exception=ValueError(), job=job)

        waits = (decision.retry_at - timezone.now()).total_seconds()
        assert 290 < waits <= 300


class TestUnforeseen:
    @pytest.mark.parametrize(
        "failure", [ValueError("a bug"), IntegrityError("a bug"), ChildFailed("exit 1")]
    )
    def test_it_ends_with_a_word_to_the_customer_and_an_error(
        self, ann, monkeypatch, caplog, failure
    ):
        upload = make_waiting(ann)

        def fail(*args, **named):
            raise failure

        monkeypatch.setattr(inspection, "inspect", fail)
        for attempt in range(inspection.TRIES - 1):
            with pytest.raises(type(failure)):
                inspect(upload, attempt=attempt)
        assert upload.state == Upload.State.WAITING
        assert not [r for r in caplog.records if r.levelno >= logging.ERROR]

        inspect(upload, attempt=inspection.TRIES - 1)

        assert (upload.state, upload.report["problem"]) == ("refused", "not_checked")
        assert "Send it once more" in upload.problem_in_words
        assert files_in(storage.spool()) == []
        assert [r.levelname for r in caplog.records if r.levelno >= logging.ERROR] == ["ERROR"]


class TestProgress:
    def test_it_only_goes_forward(self, ann):
        upload = make_waiting(ann)

        seen = []
        for percent in (10, 40, 20, 41):
            inspection.show_progress(upload, percent)
            seen.append(Upload.objects.get(pk=upload.pk).progress)

        assert seen == [10, 40, 40, 41]

    def test_the_inspection_tells_it(self, ann, monkeypatch):
        upload = make_waiting(ann)
        really_inspect = inspection.inspect
        seen = []

        def inspect_and_tell(original, folder, on_progress, is_stopping):
            on_progress(37)
            seen.append(Upload.objects.get(pk=upload.pk).progress)
            return really_inspect(original, folder, on_progress=on_progress)

        monkeypatch.setattr(inspection, "inspect", inspect_and_tell)
        inspect(upload)

        assert seen == [37]
        assert (upload.state, upload.progress) == ("accepted", 100)

    def test_what_was_removed_meanwhile_is_left_alone(self, ann):
        upload = make_upload(make_order(ann), state="accepted")

        inspection.show_progress(upload, 50)

        assert Upload.objects.get(pk=upload.pk).progress == 0


class TestTooLate:
    """An upload that no longer waits is left as it is, and its new renditions are deleted."""

    @pytest.fixture
    def meanwhile(self, monkeypatch):
        """Return a function that runs a deed after the renditions are stored and before the rows
        are.
        """
        put = inspection._put_renditions

        def have_done(deed):
            def put_and_do(*told):
                made = put(*told)
                monkeypatch.setattr(inspection, "_put_renditions", put)
                deed()
                return made

            monkeypatch.setattr(inspection, "_put_renditions", put_and_do)

        return have_done

    def test_a_file_that_was_removed_while_it_was_inspected_stays_removed(self, ann, meanwhile):
        upload = make_waiting(ann)
        told = {"token": upload.token, "order_id": upload.order_id, "by": ann}
        meanwhile(lambda: intake.discard_upload(**told, now=timezone.now()))

        inspect(upload)

        assert upload.state == Upload.State.REMOVED
        assert files_in(storage.spool()) == files_in(storage.store()) == []

    def test_of_two_workers_the_first_one_counts(self, ann, meanwhile):
        upload = make_waiting(ann)
        meanwhile(lambda: inspect(upload))

        inspect(upload)

        kept = set(upload.renditions.values_list("name", flat=True))
        assert len(kept) == 2
        assert upload.state == Upload.State.ACCEPTED
        assert set(files_in(storage.store())) == kept
