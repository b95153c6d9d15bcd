"""Automatic removal: abandoned uploads, evidence whose time is over, files without a row."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from claims import storage
from claims.actions.customer import filing, withdrawal
from claims.actions.uploads import retention
from claims.jobs import orders, uploads
from claims.models import Claim, Event, Evidence, Piece, Rendition, Upload
from claims.queries.uploads import store_audit
from tests import reviewing
from tests.failing import FULL, failing, use_failing
from tests.makers import ANSWERS, make_claim, make_order, make_upload, make_user, newest_event
from tests.media import make_screenshot

NOW = timezone.now()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def files(place) -> list[str]:
    folders = storage.folders(place)
    return [name for folder in folders for name in storage.names_in(place, folder)]


def all_files() -> list[str]:
    return [*files(storage.spool()), *files(storage.store())]


@pytest.fixture
def sweep(django_capture_on_commit_callbacks):
    """Return a function that runs one round of the ten-minute sweep."""

    def run(now: datetime, days: int = 180) -> tuple[int, int, int]:
        with django_capture_on_commit_callbacks(execute=True):
            return (
                retention.remove_abandoned(now=now, limit=10),
                retention.remove_old_evidence(now=now, days=days, limit=10),
                retention.forget_removed(now=now, limit=10),
            )

    return run


@pytest.fixture
def refused_claim(ann, sue, run_jobs) -> Claim:
    """Return a claim with one picture, inspected, and rejected by sue."""
    upload = make_upload(
        make_order(ann, completed=True), content=make_screenshot(), name="Anns passport.png"
    )
    run_jobs()
    claim = _claim_with(upload)
    reviewing.reject(
        claim_id=claim.pk,
        by=sue,
        seen=newest_event(claim),
        answers=ANSWERS,
        clause="terms",
        terms_section="4.2 Resale",
        note="The number works.",
        now=timezone.now(),
    )
    claim.refresh_from_db()
    return claim


def _claim_with(upload: Upload) -> Claim:
    return filing.file_claim(
        order_id=upload.order_id,
        by=upload.customer,
        kind="invalid_number",
        reason="The service says that this number can't be used at all.",
        customer_two_factor=False,
        terms_accepted=True,
        uploads=[upload.token],
        submission=uuid4(),
        now=timezone.now(),
    )


@pytest.mark.parametrize("state", ["waiting", "accepted", "refused"])
def test_an_upload_that_no_claim_shows_is_gone_within_a_day(ann, sweep, state):
    upload = make_upload(make_order(ann), state=state)

    assert sweep(upload.received_at + 23 * HOUR - timedelta(seconds=1)) == (0, 0, 0)
    assert sweep(upload.received_at + 23 * HOUR) == (1, 0, 0)

    upload.refresh_from_db()
    assert upload.state == "removed"
    assert (Piece.objects.count(), all_files()) == (0, [])


def test_an_upload_that_broke_off_is_gone_within_a_day(ann, sweep):
    upload = make_upload(make_order(ann))
    # No status leads back to receiving, so this is a row of its own.
    broken = Upload.objects.create(
        order=upload.order, customer=ann, original_name="clip.mp4", size=9, received=3,
        state="receiving", received_at=NOW,
    )  # fmt: skip
    name = storage.put_in_spool(ContentFile(b"the"), size=3)
    Piece.objects.create(upload=broken, offset=0, size=3, name=name)

    sweep(NOW + 23 * HOUR)

    broken.refresh_from_db()
    assert broken.state == "removed"
    assert not storage.spool().exists(name)


def test_what_a_claim_shows_is_not_abandoned(ann, sweep):
    claim = make_claim(make_order(ann), proofs=("screenshot",))

    assert sweep(NOW + 30 * DAY) == (0, 0, 0)
    assert claim.evidence.get().upload.state == "accepted"


def test_the_line_of_an_abandoned_upload_goes_after_two_days(ann, sweep):
    make_upload(make_order(ann))

    assert sweep(NOW + 24 * HOUR) == (1, 0, 0)
    assert sweep(NOW + 24 * HOUR + 2 * DAY - HOUR) == (0, 0, 0)
    assert sweep(NOW + 24 * HOUR + 2 * DAY + HOUR) == (0, 0, 1)
    assert not Upload.objects.exists()


def test_old_evidence_goes_and_a_line_stays(refused_claim, sweep, sue):
    before = refused_claim.evidence.get().upload
    after = refused_claim.closed_at + 180 * DAY

    assert sweep(after - HOUR) == (0, 0, 0)
    assert sweep(after) == (0, 1, 0)

    upload = Upload.objects.get()
    assert (upload.state, upload.removed_at) == ("removed", after)
    assert (upload.original_name, upload.problem, upload.report) == ("", "", {})
    assert (upload.sha256, upload.size) == (before.sha256, before.size)
    assert (upload.received_at, upload.inspected_at) == (before.received_at, before.inspected_at)
    assert (Rendition.objects.count(), all_files()) == (0, [])
    assert not upload.fingerprints.exists()
    event = Event.objects.get(kind=Event.Kind.EVIDENCE_REMOVED)
    assert event.claim == refused_claim
    assert event.data == {
        "files": [
            {
                "kind": "screenshot",
                "sha256": before.sha256,
                "size": before.size,
                "received_at": before.received_at.isoformat(),
            }
        ],
        "days": 180,
        "outcome": "rejected",
        "closed_at": refused_claim.closed_at.isoformat(),
        "decided_by": "sue@example.com",
        "decided_by_id": sue.pk,
        "decided_at": refused_claim.decision.decided_at.isoformat(),
        "decision": "rejection",
    }


@pytest.mark.parametrize(("days", "left"), [(1, 0), (2, 0), (3, 1)])
def test_how_long_evidence_stays_is_what_the_settings_say(real_commits, settings, days, left):
    claim = make_claim(make_order(make_user("ann@example.com")), proofs=("screenshot",))
    two_days_ago = timezone.now() - 2 * DAY
    withdrawal.withdraw_claim(claim_id=claim.pk, by=claim.order.customer, now=two_days_ago)
    assert len(all_files()) == 1
    settings.EVIDENCE_RETENTION_DAYS = days

    uploads.remove_old_files(0)

    assert len(all_files()) == left
    told = Event.objects.filter(kind=Event.Kind.EVIDENCE_REMOVED).values_list("data__days")
    assert list(told) == ([] if left else [(days,)])


def test_old_evidence_goes_once(refused_claim, sweep):
    after = refused_claim.closed_at + 181 * DAY

    assert [sweep(after), sweep(after), sweep(after + 3 * DAY)] == [(0, 1, 0), (0, 0, 0), (0, 0, 0)]
    assert Event.objects.filter(kind=Event.Kind.EVIDENCE_REMOVED).count() == 1


def test_the_evidence_of_an_open_claim_stays_however_old_it_is(ann, sweep):
    make_claim(make_order(ann), proofs=("screenshot",))

    assert sweep(NOW + 3650 * DAY) == (0, 0, 0)


def test_nobody_decided_a_claim_that_was_withdrawn(ann, sweep):
    claim = make_claim(make_order(ann), proofs=("screenshot",))
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=NOW)

    sweep(NOW + 200 * DAY)

    data = Event.objects.get(kind=Event.Kind.EVIDENCE_REMOVED).data
    assert data["outcome"] == "withdrawn"
    assert "decided_by" not in data


def test_pages_of_a_claim_whose_evidence_is_gone_show_the_line_and_the_old_verdict(
    refused_claim, sweep, client, sue, ann
):
    digest = refused_claim.evidence.get().upload.sha256
    client.force_login(sue)
    review = f"/admin/claims/claim/{refused_claim.pk}/review/"
    before = client.get(review).context["page"].verdict
    sweep(refused_claim.closed_at + 180 * DAY)

    page = client.get(review)
    queue = client.get("/admin/claims/claim/?tab=closed")
    client.force_login(ann)
    mine = client.get(f"/claims/{refused_claim.code}/")

    assert page.context["page"].verdict == before
    told = page.content.decode()
    assert digest in told
    assert "after the claim was closed" in told
    assert "decided by sue@example.com" in told
    assert 'aria-label="Picture (removed)"' in queue.content.decode()
    assert "180 days after the claim was closed" in mine.content.decode()
    for shown in (told, mine.content.decode()):
        assert "/evidence/" not in shown.replace(f"/claims/{refused_claim.code}/evidence/", "")


def test_a_store_that_fails_leaves_its_files_to_the_next_sweep(ann, sweep, settings):
    use_failing(settings, "spool", "evidence")
    make_upload(make_order(ann))

    with failing(delete=FULL):
        assert sweep(NOW + 24 * HOUR) == (1, 0, 0)

    assert len(all_files()) == 1
    assert retention.remove_orphans(now=NOW + 3 * DAY) == 1
    assert all_files() == []


def put(place, name: str, *, age: timedelta) -> str:
    kept = place.save(name, ContentFile(b"bytes"))
    when = (timezone.now() - age).timestamp()
    os.utime(place.path(kept), (when, when))
    return str(kept)


def test_a_file_without_a_row_goes_within_a_day(db):
    names = [storage.new_name() for _ in range(3)]
    for place in (storage.spool(), storage.store()):
        put(place, names[0], age=timedelta(hours=23))
        put(place, names[1], age=timedelta(hours=21))
        put(place, "beside", age=timedelta(hours=23))

    assert retention.remove_orphans(now=timezone.now()) == 4
    assert files(storage.spool()) == files(storage.store()) == [names[1]]


def test_on_s3_a_file_without_a_row_goes_within_a_day_too(db, bucket):
    storage.put_in_spool(ContentFile(b"raw"), size=3)

    assert retention.remove_orphans(now=timezone.now() + 21 * HOUR) == 0
    assert retention.remove_orphans(now=timezone.now() + 23 * HOUR) == 1
    assert bucket.keys() == []


def test_a_file_with_a_row_stays_however_old_it_is(ann, run_jobs):
    make_upload(make_order(ann, completed=True), content=make_screenshot())
    run_jobs()
    make_upload(make_order(ann))
    before = all_files()

    assert retention.remove_orphans(now=timezone.now() + 3650 * DAY) == 0
    assert all_files() == before
    assert len(before) == 3


def test_a_row_that_came_after_the_folder_was_listed_keeps_its_file(ann, monkeypatch):
    make_upload(make_order(ann))
    monkeypatch.setattr(store_audit.StoredFiles, "rows_in", lambda place, folder: {})
    later = timezone.now() + 2 * DAY

    assert retention.remove_orphans(now=later) == 0
    assert len(all_files()) == 1
    monkeypatch.setattr(store_audit.StoredFiles, "is_named", lambda place, name: False)
    assert retention.remove_orphans(now=later) == 1


def test_what_a_killed_process_left_on_the_way_in_goes_within_a_day(settings):
    incoming = Path(settings.FILE_UPLOAD_TEMP_DIR)
    for name, age in (("old", timedelta(hours=23)), ("new", timedelta(hours=21))):
        (incoming / f"{name}.upload").write_bytes(b"half")
        (incoming / name).mkdir()
        (incoming / name / "input").write_bytes(b"half")
        when = (timezone.now() - age).timestamp()
        os.utime(incoming / f"{name}.upload", (when, when))
        os.utime(incoming / name, (when, when))

    assert retention.remove_leftovers(now=timezone.now()) == 2
    assert sorted(path.name for path in incoming.iterdir()) == ["new", "new.upload"]


def test_a_link_that_stands_in_the_folder_is_not_followed(settings, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "mine").write_bytes(b"not theirs")
    Path(settings.FILE_UPLOAD_TEMP_DIR, "link").symlink_to(outside)

    retention.remove_leftovers(now=timezone.now() + 2 * DAY)

    assert (outside / "mine").exists()


def test_the_jobs_take_batch_after_batch(real_commits, settings, monkeypatch):
    monkeypatch.setattr(uploads, "SMALL_BATCH", 2)
    monkeypatch.setattr(orders, "BATCH", 2)
    ann = make_user("ann@example.com")
    for _ in range(5):
        make_upload(make_order(ann))
    Upload.objects.update(received_at=timezone.now() - DAY)

    uploads.remove_old_files(0)
    assert Upload.objects.filter(state="removed").count() == 5
    assert all_files() == []

    Upload.objects.update(removed_at=timezone.now() - 3 * DAY)
    uploads.remove_old_files(0)
    uploads.remove_orphans(0)
    assert not Upload.objects.exists()
    assert not Evidence.objects.exists()
