"""The limits on what a customer may send, by either way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import OperationalError
from django.utils import timezone

from claims import storage
from claims.actions.uploads import intake, pieces, quotas
from claims.actions.uploads.quotas import LimitReached
from claims.models import Piece, Upload
from tests.claims.portal.uploads.tus import spooled
from tests.makers import make_order, make_sent, make_upload
from tests.media import make_screenshot

PICTURE = make_screenshot()
SIZE = len(PICTURE)
NOW = timezone.now()


def begin(order, size=SIZE, *, now=NOW):
    return pieces.begin_upload(order=order, by=order.customer, name="a.png", size=size, now=now)


def keep(upload, content, offset=0, *, by=None, now=NOW):
    sent = make_sent(content, offset)
    return pieces.keep_piece(upload=upload, by=by or upload.customer, sent=sent, now=now)


def remove(upload, *, now=NOW):
    intake.discard_upload(token=upload.token, order_id=upload.order_id, by=upload.customer, now=now)


def test_bytes_announced_today_count_until_they_are_a_day_old(ann, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_BYTES_A_DAY", 1000)
    begin(make_order(ann), 400, now=NOW - timedelta(hours=23, minutes=59))
    begin(make_order(ann), 500, now=NOW - timedelta(hours=1))

    with pytest.raises(LimitReached) as refused:
        begin(make_order(ann), 200)

    assert refused.value.code == "bytes-a-day"
    assert refused.value.retry_after == timedelta(minutes=1)
    begin(make_order(ann), 200, now=NOW + timedelta(minutes=1))


def test_of_what_was_removed_only_what_came_counts(ann, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_BYTES_A_DAY", 1000)
    upload = begin(make_order(ann), 1000)
    keep(upload, PICTURE[:600])
    remove(upload)

    begin(make_order(ann), 400)
    with pytest.raises(LimitReached):
        begin(make_order(ann), 1)


def test_what_was_refused_by_its_first_bytes_counts_too(ann, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_BYTES_A_DAY", 1000)
    upload = begin(make_order(ann), 1000)

    with pytest.raises(ValidationError) as refused:
        keep(upload, b"x" * 900)

    assert refused.value.code == "not_recognised"
    with pytest.raises(LimitReached):
        begin(make_order(ann), 101)


def test_files_of_the_plain_form_count_and_are_refused_alike(ann, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_BYTES_A_DAY", 1000)
    make_upload(make_order(ann), content=b"x" * 600)

    with pytest.raises(LimitReached):
        make_upload(make_order(ann), content=b"x" * 401)
    with pytest.raises(LimitReached):
        begin(make_order(ann), 401)

    assert Upload.objects.count() == len(spooled()) == 1


def test_a_day_has_an_end_of_files_too(ann, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_FILES_A_DAY", 3)
    for _ in range(3):
        remove(begin(make_order(ann)))

    with pytest.raises(LimitReached) as refused:
        begin(make_order(ann))

    assert refused.value.code == "files-a-day"
    assert refused.value.retry_after == timedelta(hours=24)


def test_another_customer_is_not_held_up(ann, bob, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_OPEN", 1)
    begin(make_order(ann))

    with pytest.raises(LimitReached):
        begin(make_order(ann))
    begin(make_order(bob))


def test_what_has_expired_holds_nobody_up(ann, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_OPEN", 6)
    order = make_order(ann)
    for _ in range(6):
        begin(order, now=NOW - quotas.EXPIRES_AFTER)

    assert begin(order).state == Upload.State.RECEIVING


def test_nobody_adds_to_the_upload_of_another(ann, bob):
    upload = begin(make_order(ann))

    with pytest.raises(PermissionDenied):
        keep(upload, PICTURE, by=bob)
    with pytest.raises(PermissionDenied):
        pieces.begin_upload(order=upload.order, by=bob, name="a.png", size=10, now=NOW)

    upload.refresh_from_db()
    assert upload.received == 0
    assert spooled() == []


def test_without_the_guard_anybody_adds_to_it(ann, bob, monkeypatch):
    monkeypatch.setattr(
        pieces, "lock_upload_of", lambda customer, upload_id: Upload.objects.get(pk=upload_id)
    )
    upload = begin(make_order(ann))

    keep(upload, PICTURE, by=bob)

    upload.refresh_from_db()
    assert upload.received == len(PICTURE)


def test_without_the_offset_guard_a_piece_sent_again_is_counted_twice(ann, monkeypatch):
    monkeypatch.setattr(pieces, "refuse_misplaced", lambda upload, **told: None)
    upload = begin(make_order(ann))
    keep(upload, PICTURE[:600])

    keep(upload, PICTURE[600:1200], 700)

    upload.refresh_from_db()
    assert upload.received == 1300
    assert sum(Piece.objects.values_list("size", flat=True)) == 1200


def test_a_stale_look_at_an_upload_decides_nothing(ann):
    upload = begin(make_order(ann))
    stale = Upload.objects.get()
    keep(upload, PICTURE[:600])

    with pytest.raises(ValidationError) as refused:
        keep(stale, b"no picture" * 60)

    assert refused.value.code == "offset"
    upload.refresh_from_db()
    assert (upload.state, upload.received) == (Upload.State.RECEIVING, 600)
    assert len(spooled()) == 1


def test_first_bytes_that_come_too_late_remove_nothing(ann, monkeypatch):
    """Two requests sent the beginning at once; the one that is no picture was checked before."""
    upload = begin(make_order(ann))
    stale = Upload.objects.get()
    keep(upload, PICTURE)
    monkeypatch.setattr(pieces, "_earlier_bytes", lambda upload: b"")

    with pytest.raises(ValidationError) as refused:
        keep(stale, b"no picture" * 60)

    assert refused.value.code == "offset"
    upload.refresh_from_db()
    assert (upload.state, upload.received) == (Upload.State.WAITING, SIZE)
    assert len(spooled()) == 1


def test_a_database_that_is_lost_on_the_way_costs_no_file_that_a_row_names(ann, monkeypatch):
    upload = begin(make_order(ann))
    really_add = pieces._add_piece

    def add_and_lose(**told):
        really_add(**told)
        raise OperationalError("The connection broke during the commit.")

    monkeypatch.setattr(pieces, "_add_piece", add_and_lose)
    with pytest.raises(OperationalError):
        keep(upload, PICTURE[:600])

    with storage.spool().open(Piece.objects.get().name) as kept:
        assert kept.read() == PICTURE[:600]
