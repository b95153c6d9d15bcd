"""Uploads in pieces that no claim shows end: the person removes them, or they expire."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from django.utils import timezone

from claims.actions.uploads.quotas import EXPIRES_AFTER
from claims.models import Upload
from tests.claims.portal.uploads.tus import (
    begin,
    create,
    delete,
    head,
    patch,
    spooled,
)
from tests.makers import make_claim, make_order
from tests.media import make_screenshot

PICTURE = make_screenshot()


def test_a_removed_upload_is_gone_for_good(ann, ann_client, django_capture_on_commit_callbacks):
    address = begin(ann_client, make_order(ann), len(PICTURE))
    patch(ann_client, address, PICTURE[:100])

    with django_capture_on_commit_callbacks(execute=True):
        assert delete(ann_client, address).status_code == 204

    assert head(ann_client, address).status_code == 410
    assert patch(ann_client, address, PICTURE[100:], 100).status_code == 410
    assert delete(ann_client, address).status_code == 410
    assert Upload.objects.get().state == Upload.State.REMOVED
    assert spooled() == []


def test_a_whole_upload_can_be_removed_until_a_claim_shows_it(ann, ann_client):
    claim = make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))
    shown = claim.evidence.get().upload
    address = begin(ann_client, claim.order, len(PICTURE))
    patch(ann_client, address, PICTURE)

    assert delete(ann_client, address).status_code == 204
    refused = delete(ann_client, f"/uploads/{shown.token}/")

    assert refused.status_code == 403
    assert "A claim shows this file" in refused.content.decode()
    shown.refresh_from_db()
    assert shown.state == Upload.State.ACCEPTED


def test_an_upload_that_nobody_goes_on_with_expires(ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))
    patch(ann_client, address, PICTURE[:100])
    Upload.objects.update(received_at=timezone.now() - EXPIRES_AFTER)

    assert head(ann_client, address).status_code == 410
    answer = patch(ann_client, address, PICTURE[100:], 100)

    assert answer.status_code == 410
    assert "Send the file again from its beginning" in answer.content.decode()
    assert Upload.objects.get().received == 100


def test_every_answer_tells_the_same_end_and_a_piece_moves_it(ann, ann_client):
    created = create(ann_client, make_order(ann), len(PICTURE))
    address = created["Location"]
    assert expiry(created) == end_of(Upload.objects.get()) == expiry(head(ann_client, address))
    Upload.objects.update(received_at=timezone.now() - timedelta(hours=5))
    before = expiry(head(ann_client, address))

    answer = patch(ann_client, address, PICTURE[:100])

    after = expiry(answer)
    assert after == end_of(Upload.objects.get()) == expiry(head(ann_client, address))
    assert timedelta(hours=5) <= after - before < timedelta(hours=5, minutes=5)


def expiry(answer: Any) -> datetime:
    return parsedate_to_datetime(answer["Upload-Expires"])


def end_of(upload: Upload) -> datetime:
    """Return the end of an upload, in whole seconds as the header has it."""
    return (upload.received_at + timedelta(hours=23)).replace(microsecond=0)
