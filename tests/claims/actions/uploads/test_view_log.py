"""Each look at a claim's evidence is recorded before the person gets a byte."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from claims import storage
from claims.actions.customer import withdrawal
from claims.actions.uploads import view_log
from claims.models import Claim, Event, Upload
from tests.makers import (
    ANSWERS,
    make_claim,
    make_lease,
    make_order,
    make_upload,
    newest_event,
)
from tests.reviewing import approve

SEEN = Event.Kind.EVIDENCE_SEEN
ROLES = {"video": "video/mp4", "picture": "image/webp", "poster": "image/webp"}


@pytest.fixture
def claim(ann) -> Claim:
    return make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))


@pytest.fixture
def upload(claim) -> Upload:
    """Return an upload with a rendition of each role, of 1000 bytes each."""
    upload: Upload = claim.evidence.get().upload
    for role, media_type in {**ROLES, "thumbnail": "image/webp"}.items():
        name = storage.store().save(f"aa/{role}", ContentFile(b"x" * 1000))
        upload.renditions.create(
            role=role, name=name, media_type=media_type, width=4, height=4, size=1000
        )
    return upload


@pytest.fixture
def look(upload, sue):
    """Request a rendition as Sue, or as somebody else."""

    def get(role="picture", *, by=sue, method="get", asked="", origin="10.1.2.3"):
        client = Client(REMOTE_ADDR=origin)
        client.force_login(by)
        headers = {"range": asked} if asked else None
        return getattr(client, method)(f"/evidence/{upload.token}/{role}/", headers=headers)

    return get


def seen(claim: Claim) -> list[Event]:
    return list(claim.events.filter(kind=SEEN))


@pytest.mark.parametrize("role", ["picture", "video"])
def test_a_look_says_who_when_from_where_and_at_what(role, look, claim, upload, sue):
    before = timezone.now()

    response = look(role)

    (event,) = seen(claim)
    assert response.status_code == 200
    assert (event.actor, event.order, event.address) == (sue, claim.order, "10.1.2.3")
    assert before <= event.at <= timezone.now()
    assert event.data == {"upload": upload.pk, "file": upload.original_name, "role": role}
    assert event.before == event.after == {}


@pytest.mark.parametrize("who", ["sue", "max_", "otto"])
def test_everyone_of_the_staff_who_may_look_leaves_a_line(who, look, claim, request):
    person = request.getfixturevalue(who)

    look(by=person)

    assert [event.actor for event in seen(claim)] == [person]


def test_customers_look_at_their_own_unrecorded(look, claim, ann):
    assert look(by=ann).status_code == 200
    assert seen(claim) == []


def test_staff_look_at_their_own_unrecorded(look, claim, ann, sue):
    ann.is_staff = True
    ann.save()
    ann.groups.set(sue.groups.all())

    assert look(by=ann).status_code == 200
    assert seen(claim) == []


@pytest.mark.parametrize("role", ["poster", "thumbnail"])
def test_thumbnails_and_posters_are_no_look(role, look, claim):
    assert look(role).status_code == 200
    assert seen(claim) == []


@pytest.mark.parametrize("who", ["bob", "rita"])
def test_who_is_shown_nothing_leaves_no_line(who, look, claim, request):
    assert look(by=request.getfixturevalue(who)).status_code == 404
    assert seen(claim) == []


def test_head_shows_nothing_and_is_no_look(look, claim):
    assert look(method="head").status_code == 200
    assert seen(claim) == []


def test_a_range_behind_the_end_shows_nothing_and_is_no_look(look, claim):
    assert look(asked="bytes=1000-").status_code == 416
    assert seen(claim) == []


def test_what_a_player_asks_for_on_its_way_belongs_to_the_look_that_began(look, claim):
    answers = [
        look("video", asked=asked).status_code for asked in ("bytes=0-", "bytes=500-", "bytes=-9")
    ]

    assert answers == [206, 206, 206]
    assert len(seen(claim)) == 1


@pytest.mark.parametrize("asked", ["bytes=1-", "bytes=-999", "bytes=500-600"])
def test_nobody_looks_unseen_by_leaving_out_the_first_byte(asked, look, claim):
    assert look("video", asked=asked).status_code == 206
    assert len(seen(claim)) == 1


def record(upload, by, now, **words):
    return view_log.record_look(upload=upload, role="picture", by=by, now=now, **words)


def test_the_same_person_and_file_within_ten_minutes_is_one_look(upload, claim, sue, max_):
    now = timezone.now()

    first = record(upload, sue, now)
    assert record(upload, sue, now + timedelta(minutes=9, seconds=59)) is None
    assert record(upload, max_, now) is not None
    again = record(upload, sue, now + timedelta(minutes=10))

    assert first is not None
    assert again is not None
    assert len(seen(claim)) == 3


def test_another_file_of_the_claim_is_another_look(upload, claim, ann, sue):
    other = make_upload(claim.order, state="accepted")
    claim.evidence.create(upload=other, added_at=timezone.now())
    now = timezone.now()

    record(upload, sue, now)
    record(other, sue, now)

    assert {event.data["upload"] for event in seen(claim)} == {upload.pk, other.pk}


def test_a_player_that_goes_on_for_hours_is_one_look(upload, claim, sue):
    now = timezone.now()
    record(upload, sue, now)

    assert record(upload, sue, now + timedelta(hours=11), begins=False) is None
    assert record(upload, sue, now + timedelta(hours=13), begins=False) is not None


def test_what_cannot_be_written_down_is_not_shown(look, claim, monkeypatch):
    def fail(*args, **words):
        raise DatabaseError("no space left")

    monkeypatch.setattr("claims.actions.uploads.view_log.record", fail)
    opened = []
    monkeypatch.setattr(
        "claims.portal.uploads.rendition_views._section", lambda *args: opened.append(args)
    )

    with pytest.raises(DatabaseError):
        look()

    assert opened == []


def test_out_of_a_bucket_no_link_is_given_before_the_look_is_written(
    look, claim, settings, monkeypatch
):
    settings.STORE_ORIGIN = "https://store.example"
    told = []
    monkeypatch.setattr(
        "claims.storage.signed_link",
        lambda name, media_type: told.append(len(seen(claim))) or "https://store.example/a",
    )

    response = look(asked="bytes=700-")

    assert response.status_code == 302
    assert told == [1]


def test_a_look_changes_nothing_for_who_is_about_to_decide(look, claim, max_, sue):
    now = timezone.now()
    make_lease(claim, max_)
    before = newest_event(claim)

    look(by=sue)
    approve(claim_id=claim.pk, by=max_, seen=before, answers=ANSWERS, note="", now=now)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.REFUNDED


def test_the_customer_is_told_of_no_look(look, claim, ann, run_jobs):
    look()
    client = Client()
    client.force_login(ann)

    page = client.get(claim.get_absolute_url()).content.decode()

    assert str(Event.Kind.EVIDENCE_SEEN.label) not in page
    assert "sue@example.com" not in page


def test_a_look_costs_the_same_however_many_went_before(look, claim, upload, sue, max_):
    def cost(by):
        with CaptureQueriesContext(connection) as queries:
            look(by=by)
        return len(queries)

    first = cost(sue)
    now = timezone.now()
    for minutes in range(20, 400, 10):
        record(upload, sue, now - timedelta(minutes=minutes))

    assert cost(max_) == first
    assert cost(sue) < first


def test_evidence_of_a_withdrawn_claim_is_looked_at_on_record_too(look, claim, ann):
    withdrawal.withdraw_claim(claim_id=claim.pk, by=ann, now=timezone.now())

    look()

    assert len(seen(claim)) == 1
