"""An interrupted inspection is tried again three times, and never costs its file or its claim."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import TestCase
from django.utils import timezone
from procrastinate.jobs import Job

from claims import storage
from claims.actions.review import deadlines
from claims.actions.uploads import inspection
from claims.actions.uploads.interruptions import KEPT_FOR, WAITS, TriedAgain
from claims.inspection import FileProblem
from claims.inspection.confinement import sandbox
from claims.jobs import uploads
from claims.models import Claim, Event, Evidence, Upload
from tests.makers import make_claim, make_order, make_upload
from tests.media import make_screenshot

LONG = timedelta(days=30)


def inspect(upload: Upload, **named) -> None:
    try:
        with TestCase.captureOnCommitCallbacks(execute=True):
            inspection.inspect_upload(upload_id=upload.pk, clock=timezone.now, **named)
    finally:
        upload.refresh_from_db()


def make_waiting(customer) -> Upload:
    return make_upload(make_order(customer), content=make_screenshot(size=(390, 844)))


def show(upload: Upload) -> Claim:
    claim = make_claim(upload.order)
    Evidence.objects.create(claim=claim, upload=upload, added_at=timezone.now())
    return claim


def files_in(place) -> list[str]:
    return [name for f in storage.folders(place) for name in storage.names_in(place, f)]


def interrupt(upload: Upload) -> int | None:
    """Kill the inspection's child, as a kernel without memory does.

    Return the seconds until the next try; None if there is none.
    """
    wait = sandbox._wait_or_kill

    def kill(child, seconds, watch):
        os.kill(child.pid, signal.SIGKILL)
        return wait(child, seconds, watch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "_wait_or_kill", kill)
        try:
            inspect(upload)
        except TriedAgain as again:
            return again.wait
    return None


def blame_as_before(ending: sandbox.Ending) -> FileProblem | None:
    """Return the problem that any signal meant before interruptions were told apart."""
    if ending.returncode == -signal.SIGKILL:
        return FileProblem.USED_TOO_MUCH
    return FileProblem.DAMAGED if ending.returncode < 0 else None


class TestTriesAgain:
    @pytest.mark.parametrize("times", [1, 2, 3])
    def test_a_good_file_is_accepted_after_it_was_killed(self, ann, times):
        upload = make_waiting(ann)

        waits = [interrupt(upload) for _ in range(times)]

        assert waits == [*WAITS[:times]] == sorted(waits)
        assert (upload.state, upload.interruptions, upload.problem) == ("waiting", times, "")
        assert upload.pieces.count() == len(files_in(storage.spool())) == 1

        inspect(upload)

        assert (upload.state, upload.problem) == ("accepted", "")
        assert files_in(storage.spool()) == []

    def test_at_the_fourth_time_we_say_that_we_could_not_check_it(self, ann):
        upload = make_waiting(ann)

        waits = [interrupt(upload) for _ in range(4)]

        assert waits == [*WAITS, None]
        assert (upload.state, upload.problem) == ("refused", "interrupted")
        assert "nothing wrong with the file" in upload.problem_in_words
        assert "damaged" not in upload.problem_in_words
        assert files_in(storage.spool()) == []

    def test_blamed_for_the_signal_it_would_be_refused_at_once(self, ann, monkeypatch):
        monkeypatch.setattr(sandbox.Ending, "problem", property(blame_as_before))
        upload = make_waiting(ann)

        interrupt(upload)

        assert (upload.state, upload.problem) == ("refused", "used_too_much")
        assert files_in(storage.spool()) == []

    def test_the_job_waits_as_long_as_the_interruption_says(self):
        job = Job(
            id=1, queue="inspection", lock=None, queueing_lock=None, attempts=10_000,
            task_name="claims.inspect_upload", task_kwargs={},
        )  # fmt: skip
        strategy = uploads.inspect_upload.retry_strategy

        decision = strategy.get_retry_decision(exception=TriedAgain(wait=100), job=job)

        assert 90 < (decision.retry_at - timezone.now()).total_seconds() <= 100

    def test_the_page_says_that_the_check_goes_on_by_itself(self, client, ann):
        upload = make_waiting(ann)
        claim = show(upload)
        client.force_login(ann)
        assert "interrupted" not in client.get(claim.get_absolute_url()).content.decode()

        interrupt(upload)

        page = client.get(claim.get_absolute_url()).content.decode()
        assert "was interrupted on our side and goes on by itself." in page

    def test_the_database_takes_no_fourth_interruption_and_none_without_a_time(self, ann):
        upload = make_waiting(ann)
        now = timezone.now()
        for interruptions, interrupted_at in ((4, now), (1, None), (0, now)):
            with pytest.raises(IntegrityError), transaction.atomic():
                Upload.objects.filter(pk=upload.pk).update(
                    interruptions=interruptions, interrupted_at=interrupted_at
                )

    def test_without_the_constraint_the_database_would_take_it(self, ann):
        upload = make_waiting(ann)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE claims_upload DROP CONSTRAINT upload_is_tried_again_at_most_thrice"
            )

        Upload.objects.filter(pk=upload.pk).update(interruptions=4, interrupted_at=timezone.now())

        assert Upload.objects.get(pk=upload.pk).interruptions == 4


class TestDay:
    def test_after_a_day_an_interruption_is_the_last(self, ann):
        upload = make_waiting(ann)
        interrupt(upload)
        Upload.objects.update(interrupted_at=timezone.now() - KEPT_FOR)

        assert interrupt(upload) is None

        assert (upload.state, upload.problem) == ("refused", "interrupted")

    def test_a_sweep_ends_the_wait_when_no_worker_tries(
        self, ann, django_capture_on_commit_callbacks
    ):
        late, early, never = (make_waiting(ann) for _ in range(3))
        for upload in (late, early):
            show(upload)
            interrupt(upload)
        Upload.objects.filter(pk=late.pk).update(interrupted_at=timezone.now() - KEPT_FOR)
        show(never)
        Upload.objects.filter(pk=never.pk).update(received_at=timezone.now() - LONG)

        with django_capture_on_commit_callbacks(execute=True):
            uploads.remove_old_files(0)

        states = [Upload.objects.get(pk=upload.pk).state for upload in (late, early, never)]
        assert states == ["refused", "waiting", "waiting"]
        assert len(files_in(storage.spool())) == 2


class TestStop:
    @pytest.fixture
    def slow(self, monkeypatch):
        """Let each child sleep until its watch has looked."""
        monkeypatch.setattr(sandbox, "PREAMBLE", sandbox.PREAMBLE + "import time\ntime.sleep(1)\n")

    def test_a_stop_of_the_worker_is_not_counted(self, ann, slow):
        upload = make_waiting(ann)

        for _ in range(5):
            with pytest.raises(TriedAgain) as again:
                inspect(upload, is_stopping=lambda: True)
            assert again.value.wait == 1
            assert (upload.state, upload.interruptions) == ("waiting", 0)
            assert upload.report == {"interrupted": True}
        inspect(upload)

        assert upload.state == Upload.State.ACCEPTED


@pytest.fixture(params=["lost", "not_checked", "interrupted"])
def failed_claim(request, ann) -> Claim:
    """Return a claim whose only file we failed to check."""
    upload = make_waiting(ann)
    claim = show(upload)
    inspection._refuse(upload, FileProblem(request.param), now=timezone.now())
    claim.refresh_from_db()
    return claim


class TestClaim:
    def test_our_failure_starts_no_clock_against_the_customer(
        self, failed_claim, run_jobs, mailoutbox
    ):
        assert (failed_claim.status, failed_claim.asked_at) == ("submitted", None)
        assert failed_claim.events.filter(kind=Event.Kind.EVIDENCE_REFUSED).count() == 1
        assert not deadlines.give_up(claim_id=failed_claim.pk, now=timezone.now() + LONG)

        run_jobs()
        [mail] = [mail for mail in mailoutbox if "we need another file" in mail.subject]
        assert "your claim stays in time." in mail.body
        assert "ends if nothing comes" not in mail.body

    def test_blamed_on_the_customer_it_would_end(self, ann, monkeypatch):
        monkeypatch.setattr(FileProblem, "is_ours", property(lambda problem: False))
        upload = make_waiting(ann)
        claim = show(upload)

        inspection._refuse(upload, FileProblem.INTERRUPTED, now=timezone.now())

        claim.refresh_from_db()
        assert claim.status == "waiting_customer"
        claim.asked_at = claim.reminded_at = timezone.now() - LONG
        claim.save(update_fields=["asked_at", "reminded_at"])
        assert deadlines.give_up(claim_id=claim.pk, now=timezone.now())
