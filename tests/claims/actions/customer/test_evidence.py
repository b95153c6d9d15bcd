"""From the spool through the inspection to a claim, with real pictures and videos."""

import io
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob

from claims import storage
from claims.actions.customer import evidence
from claims.actions.customer.filing import file_claim
from claims.actions.customer.withdrawal import withdraw_claim
from claims.actions.uploads import inspection, intake
from claims.models import Claim, Event, Piece, Rendition, Upload
from tests.makers import REASON, make_claim, make_order, make_upload, newest_event
from tests.media import make_screenshot, make_video
from tests.reviewing import ask_for_evidence


def files_in(store):
    folders = store.listdir("")[0] if store.exists("") else []
    return [f"{folder}/{name}" for folder in folders for name in store.listdir(folder)[1]]


def inspect(upload):
    inspection.inspect_upload(upload_id=upload.pk, clock=timezone.now)
    upload.refresh_from_db()


def test_a_picture_is_kept_as_its_renditions_alone(ann, run_jobs):
    upload = make_upload(make_order(ann), content=make_screenshot(size=(390, 844)))
    assert len(files_in(storage.spool())) == 1

    assert run_jobs() == ["claims.inspect_upload"]

    upload.refresh_from_db()
    picture, thumbnail = upload.renditions.order_by("role")
    assert upload.state == Upload.State.ACCEPTED
    assert not upload.pieces.exists()
    assert files_in(storage.spool()) == []
    assert set(files_in(storage.store())) == {picture.name, thumbnail.name}
    assert (picture.role, picture.media_type) == ("picture", "image/webp")
    assert (thumbnail.role, thumbnail.media_type) == ("thumbnail", "image/webp")
    with storage.store().open(picture.name) as kept:
        assert Image.open(io.BytesIO(kept.read())).size == (390, 844)
    assert upload.report["sha256"] == upload.sha256


def test_a_video_becomes_a_video_its_poster_and_its_thumbnail(ann):
    upload = make_upload(make_order(ann), kind="video", content=make_video())

    inspect(upload)

    assert upload.state == Upload.State.ACCEPTED
    roles = sorted(upload.renditions.values_list("role", flat=True))
    assert roles == ["poster", "thumbnail", "video"]
    assert upload.report["duration"] == pytest.approx(1.5, abs=0.2)


def test_a_file_that_fails_sends_the_claim_back_to_its_customer(
    ann, run_jobs, mailoutbox, django_capture_on_commit_callbacks
):
    order = make_order(ann, sms=True)
    upload = make_upload(order, content=make_screenshot()[:400])
    claim = file_claim(
        order_id=order.pk,
        by=ann,
        kind="invalid_number",
        reason=REASON,
        customer_two_factor=False,
        terms_accepted=True,
        uploads=[upload.token],
        submission=uuid4(),
        now=timezone.now(),
    )

    run_jobs()

    claim.refresh_from_db()
    upload.refresh_from_db()
    assert claim.status == Claim.Status.WAITING_CUSTOMER
    assert claim.asked_at == claim.events.last().at
    assert upload.state == Upload.State.REFUSED
    assert "damaged" in upload.problem
    assert files_in(storage.spool()) == []
    assert files_in(storage.store()) == []
    assert claim.events.last().kind == Event.Kind.EVIDENCE_REFUSED
    assert upload.problem_in_words in mailoutbox[-1].body


def test_another_file_brings_the_claim_back_to_the_reviewers(ann):
    order = make_order(ann, sms=True)
    claim = make_claim(order, kind="invalid_number", proofs=("screenshot",), state="waiting")
    broken = claim.evidence.get().upload
    inspect(broken)
    claim.refresh_from_db()
    assert claim.status == Claim.Status.WAITING_CUSTOMER
    better = make_upload(order, content=make_screenshot())

    evidence.add_evidence(
        claim_id=claim.pk,
        by=ann,
        uploads=[better.token],
        message="Here it is.",
        submission=uuid4(),
        now=timezone.now(),
    )
    inspect(better)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.SUBMITTED
    assert claim.proofs() == {"screenshot"}
    assert claim.messages.get().body == "Here it is."
    assert [event.kind for event in claim.events.all()] == [
        "filed", "evidence_refused", "evidence_added", "evidence_accepted",
    ]  # fmt: skip


def test_words_alone_answer_a_question(ann, sue):
    claim = make_claim(make_order(ann))
    ask_for_evidence(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), note="Which app?", now=timezone.now()
    )

    evidence.add_evidence(
        claim_id=claim.pk,
        by=ann,
        uploads=[],
        message="Telegram X.",
        submission=uuid4(),
        now=timezone.now(),
    )

    claim.refresh_from_db()
    assert claim.status == Claim.Status.SUBMITTED


def test_nothing_at_all_is_no_answer(ann):
    claim = make_claim(make_order(ann))

    with pytest.raises(ValidationError) as refused:
        evidence.add_evidence(
            claim_id=claim.pk,
            by=ann,
            uploads=[],
            message=" ",
            submission=uuid4(),
            now=timezone.now(),
        )

    assert refused.value.code == "files"


def test_a_closed_claim_takes_nothing_more(ann):
    claim = make_claim(make_order(ann))
    withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    with pytest.raises(ValidationError) as refused:
        evidence.add_evidence(
            claim_id=claim.pk,
            by=ann,
            uploads=[],
            message="But!",
            submission=uuid4(),
            now=timezone.now(),
        )

    assert refused.value.code == "closed"


def test_a_seventh_file_is_refused_and_leaves_nothing_behind(ann):
    order = make_order(ann)
    for _ in range(6):
        make_upload(order)

    with pytest.raises(ValidationError, match="at most 6 files"):
        make_upload(order)

    assert Upload.objects.count() == 6
    assert len(files_in(storage.spool())) == 6


def test_a_removed_file_is_gone_with_all_that_was_made_of_it(
    ann, django_capture_on_commit_callbacks
):
    order = make_order(ann)
    inspected, waiting = make_upload(order, content=make_screenshot()), make_upload(order)
    with django_capture_on_commit_callbacks(execute=True):
        inspect(inspected)

    with django_capture_on_commit_callbacks(execute=True):
        for upload in (inspected, waiting, waiting):
            intake.discard_upload(token=upload.token, order_id=order.pk, by=ann, now=timezone.now())

    assert set(Upload.objects.values_list("state", flat=True)) == {Upload.State.REMOVED}
    assert not Piece.objects.exists()
    assert not Rendition.objects.exists()
    assert files_in(storage.spool()) == files_in(storage.store()) == []


def test_what_a_claim_shows_is_not_removed(ann):
    claim = make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    upload = claim.evidence.get().upload

    intake.discard_upload(token=upload.token, order_id=claim.order_id, by=ann, now=timezone.now())

    assert Upload.objects.get() == upload


def test_nobody_touches_the_files_of_another(ann, bob):
    claim = make_claim(make_order(ann))
    upload = make_upload(claim.order)

    with pytest.raises(PermissionDenied):
        intake.discard_upload(
            token=upload.token, order_id=claim.order_id, by=bob, now=timezone.now()
        )
    with pytest.raises(PermissionDenied):
        evidence.add_evidence(
            claim_id=claim.pk,
            by=bob,
            uploads=[upload.token],
            message="",
            submission=uuid4(),
            now=timezone.now(),
        )
    with pytest.raises(PermissionDenied):
        make_upload(claim.order, by=bob)

    assert Upload.objects.get() == upload
    assert len(files_in(storage.spool())) == 1


def test_a_file_that_was_removed_during_its_inspection_leaves_no_rendition(ann, monkeypatch):
    order = make_order(ann)
    upload = make_upload(order, content=make_screenshot())
    really_inspect = inspection.inspect

    def inspect_slowly(*args, **named):
        intake.discard_upload(token=upload.token, order_id=order.pk, by=ann, now=timezone.now())
        return really_inspect(*args, **named)

    monkeypatch.setattr(inspection, "inspect", inspect_slowly)
    inspection.inspect_upload(upload_id=upload.pk, clock=timezone.now)

    assert files_in(storage.store()) == []


def test_an_inspected_upload_is_not_inspected_again(ann, monkeypatch):
    upload = make_upload(make_order(ann), content=make_screenshot())
    inspect(upload)
    monkeypatch.setattr(
        inspection, "inspect", lambda *args, **named: pytest.fail("inspected twice")
    )

    inspection.inspect_upload(upload_id=upload.pk, clock=timezone.now)

    assert upload.renditions.count() == 2


def test_files_are_private_to_the_portals_own_system_user(ann):
    upload = make_upload(make_order(ann), content=make_screenshot())
    spooled = storage.spool().path(upload.pieces.get().name)
    inspect(upload)

    for rendition in upload.renditions.all():
        kept = storage.store().path(rendition.name)
        assert Path(kept).stat().st_mode & 0o777 == 0o600
        assert len(rendition.name) > 32
    assert "proof" not in spooled


def test_a_refused_file_is_not_attached(ann):
    order = make_order(ann)
    broken = make_upload(order, state=Upload.State.REFUSED)
    claim = make_claim(order)

    with pytest.raises(ValidationError) as refused:
        evidence.add_evidence(
            claim_id=claim.pk,
            by=ann,
            uploads=[broken.token],
            message="",
            submission=uuid4(),
            now=timezone.now(),
        )

    assert refused.value.code == "files"
    assert not claim.evidence.exists()


def test_only_ones_own_files_for_this_very_order_are_attached(ann, bob):
    claim = make_claim(make_order(ann))
    elsewhere = make_upload(make_order(ann))
    left_by_bob = make_upload(claim.order)
    Upload.objects.filter(pk=left_by_bob.pk).update(customer=bob)

    for upload in (elsewhere, left_by_bob):
        with pytest.raises(ValidationError) as refused:
            evidence.add_evidence(
                claim_id=claim.pk,
                by=ann,
                uploads=[upload.token],
                message="",
                submission=uuid4(),
                now=timezone.now(),
            )
        assert refused.value.code == "files"

    assert not claim.evidence.exists()


@pytest.mark.parametrize("token", ["\0", "", "no/token", "x" * 33])
def test_what_can_be_no_token_is_no_file(token, ann):
    order = make_order(ann)
    claim = make_claim(order)

    intake.discard_upload(token=token, order_id=order.pk, by=ann, now=timezone.now())
    with pytest.raises(ValidationError) as refused:
        evidence.add_evidence(
            claim_id=claim.pk,
            by=ann,
            uploads=[token],
            message="",
            submission=uuid4(),
            now=timezone.now(),
        )

    assert refused.value.code == "files"


def test_inspections_have_a_queue_of_their_own(ann):
    make_upload(make_order(ann))
    make_claim(make_order(ann))

    queues = dict(ProcrastinateJob.objects.values_list("task_name", "queue_name"))

    assert queues == {"claims.inspect_upload": "inspection", "claims.tell_customer": "mail"}
