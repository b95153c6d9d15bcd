"""The refusals of resumable uploads: a status, and a sentence that says what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from claims.actions.uploads import quotas
from claims.inspection import FileProblem, Limits, why_not
from claims.models import Order, Upload
from claims.wording.file_problems import file_problem
from tests.claims.portal.uploads.tus import (
    PIECE_TYPE,
    TUS,
    begin,
    create,
    delete,
    encoded,
    head,
    patch,
    spooled,
)
from tests.makers import make_claim, make_order, make_upload
from tests.media import make_screenshot

PICTURE = make_screenshot()
MEBIBYTE = 1024 * 1024


@pytest.fixture
def ann_client(ann: User) -> Client:
    client = Client()
    client.force_login(ann)
    return client


@pytest.fixture
def bob_client(bob: User) -> Client:
    client = Client()
    client.force_login(bob)
    return client


def assert_told(answer: Any, status: int, *sentences: str) -> None:
    """Check the protocol's headers, and that the answer is a plain sentence."""
    text = answer.content.decode()
    assert (answer.status_code, answer["Tus-Resumable"]) == (status, "1.0.0"), text
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    for sentence in sentences:
        assert sentence in text
    assert text.endswith(".")


def test_who_is_not_signed_in_is_told_so_and_not_sent_elsewhere(ann, client):
    order = make_order(ann)
    token = make_upload(order).token

    assert_told(create(client, order, 10), 401, "Sign in")
    assert_told(patch(client, f"/uploads/{token}/", b"x"), 401, "Sign in")
    assert_told(delete(client, f"/uploads/{token}/"), 401)
    assert head(client, f"/uploads/{token}/").status_code == 401


def test_what_is_somebody_elses_does_not_exist(ann, bob, ann_client, bob_client):
    order = make_order(ann)
    address = begin(ann_client, order, len(PICTURE))

    for answer in (
        create(bob_client, order, 10),
        patch(bob_client, address, PICTURE),
        delete(bob_client, address),
        patch(bob_client, "/uploads/no-such-token/", PICTURE),
    ):
        assert_told(answer, 404)
    assert head(bob_client, address).status_code == 404
    assert Upload.objects.get().received == 0
    assert Upload.objects.get().state == Upload.State.RECEIVING


def test_a_form_token_is_asked_for_with_every_method(ann):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)
    order = make_order(ann, sms=True)
    upload = make_upload(order, content=PICTURE)
    address = f"/uploads/{upload.token}/"

    refused = [create(browser, order, 10), patch(browser, address, b"x"), delete(browser, address)]
    browser.cookies["csrftoken"] = "c" * 32
    taken = create(browser, order, 10, **{"X-CSRFToken": "c" * 32})
    removed = browser.delete(address, headers=TUS | {"X-CSRFToken": "c" * 32})

    assert [answer.status_code for answer in refused] == [403, 403, 403]
    assert (taken.status_code, removed.status_code) == (201, 204)
    assert Upload.objects.count() == 2


@pytest.mark.parametrize("version", ["0.2.2", "1.0.1", "", None])
def test_another_version_of_the_protocol_is_not_spoken(version, ann, ann_client):
    headers = {"Upload-Length": "10"} | ({} if version is None else {"Tus-Resumable": version})

    answer = ann_client.post(f"/orders/{make_order(ann).shop_id}/uploads/", headers=headers)

    assert_told(answer, 412, "Tus-Resumable: 1.0.0")
    assert answer["Tus-Version"] == "1.0.0"
    assert not Upload.objects.exists()


def test_other_methods_are_named(ann, ann_client):
    address = begin(ann_client, make_order(ann), 10)

    answer = ann_client.get(address, headers=TUS)

    assert_told(answer, 405)
    assert answer["Allow"] == "OPTIONS, HEAD, PATCH, DELETE"
    for meant in ("", "POST", "GET", "PROPFIND"):
        overridden = ann_client.post(address, headers=TUS | {"X-HTTP-Method-Override": meant})
        assert_told(overridden, 405)
    assert Upload.objects.get().state == Upload.State.RECEIVING


@pytest.mark.parametrize("length", ["", "-1", "1.5", "0x10", "١", " ", "9" * 19])
def test_a_length_that_is_no_number_is_a_bad_request(length, ann, ann_client):
    answer = create(ann_client, make_order(ann), length)

    assert_told(answer, 400, "Upload-Length must be a whole number")
    assert not Upload.objects.exists()


def test_the_length_must_be_known(ann, ann_client):
    answer = create(ann_client, make_order(ann), 10, **{"Upload-Defer-Length": "1"})

    assert_told(answer, 400, "Send the length of the file at the start")


def test_an_empty_file_is_refused_at_once(ann, ann_client):
    answer = create(ann_client, make_order(ann), 0)

    assert_told(answer, 400, file_problem(FileProblem.EMPTY, Limits()))
    assert not Upload.objects.exists()


def test_what_is_larger_than_any_video_is_refused_at_once(ann, ann_client):
    order = make_order(ann)

    answer = create(ann_client, order, 100 * MEBIBYTE + 1)
    largest = create(ann_client, order, 100 * MEBIBYTE)

    assert_told(answer, 413, "at most 10 MB", "at most 100 MB")
    assert largest.status_code == 201


def test_metadata_that_is_not_base64_is_a_bad_request(ann, ann_client):
    answer = create(ann_client, make_order(ann), 10, **{"Upload-Metadata": "filename ~~~"})

    assert_told(answer, 400, "Upload-Metadata must hold Base64")


@pytest.mark.parametrize("metadata", ["filetype \xfc", "x" * 8193, "filetype a\0"])
def test_metadata_that_can_not_be_told_again_is_a_bad_request(metadata, ann, ann_client):
    answer = create(ann_client, make_order(ann), 10, **{"Upload-Metadata": metadata})

    assert_told(answer, 400, "Upload-Metadata")
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ("", "file"),
        ("filename", "file"),
        (f"filetype eA==, filename {encoded(b'x/y.png')}", "y.png"),
        (f"filename {encoded(bytes([255]))}", "\N{REPLACEMENT CHARACTER}"),
        (f"filename {encoded(b'n' * 4000)}", "n" * 120),
    ],
)
def test_a_name_becomes_fit_to_be_shown(metadata, name, ann, ann_client):
    answer = create(ann_client, make_order(ann), 10, **{"Upload-Metadata": metadata})

    assert answer.status_code == 201
    assert Upload.objects.get().original_name == name


@pytest.mark.parametrize("offset", ["", "-5", "x", "1" * 19])
def test_an_offset_that_is_no_number_is_a_bad_request(offset, ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))

    answer = patch(ann_client, address, PICTURE, offset)

    assert_told(answer, 400, "Upload-Offset must be a whole number")


def test_a_piece_has_its_own_content_type(ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))

    answer = ann_client.patch(
        address, PICTURE, content_type="image/png", headers=TUS | {"Upload-Offset": "0"}
    )

    assert_told(answer, 415, PIECE_TYPE)
    assert Upload.objects.get().state == Upload.State.RECEIVING


def test_a_piece_says_how_long_it_is(ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))

    answer = ann_client.generic(
        "PATCH", address, headers=TUS | {"Upload-Offset": "0"}, CONTENT_TYPE=PIECE_TYPE
    )

    assert_told(answer, 411, "Content-Length")


@pytest.mark.parametrize("cut", [1, 100, 511, 512, 600])
def test_what_is_no_picture_or_video_is_refused_by_its_first_bytes(
    cut, ann, ann_client, django_capture_on_commit_callbacks
):
    content = b"<svg onload='alert(1)'>" + bytes(700)
    address = begin(ann_client, make_order(ann), len(content), "proof.png")

    with django_capture_on_commit_callbacks(execute=True):
        answer = patch(ann_client, address, content[:cut])
        if cut < 512:
            assert answer.status_code == 204
            answer = patch(ann_client, address, content[cut:600], cut)

    assert_told(answer, 415, file_problem(why_not(content), Limits()))
    upload = Upload.objects.get()
    assert (upload.state, upload.received) == ("removed", max(cut, 600 if cut < 512 else cut))
    assert head(ann_client, address).status_code == 410
    assert spooled() == []


def test_a_picture_over_its_own_limit_is_refused_by_its_first_bytes(ann, ann_client):
    address = begin(ann_client, make_order(ann), 10 * MEBIBYTE + 1)

    answer = patch(ann_client, address, PICTURE[:600])

    assert_told(answer, 413, file_problem(FileProblem.TOO_LARGE, Limits()))
    assert Upload.objects.get().state == Upload.State.REMOVED
    assert spooled() == []


def test_a_tiny_file_is_recognised_when_it_is_whole(ann, ann_client):
    tiny = b"\x89PNG\r\n\x1a\n" + bytes(20)
    address = begin(ann_client, make_order(ann), len(tiny))

    assert patch(ann_client, address, tiny[:4]).status_code == 204
    assert patch(ann_client, address, tiny[4:], 4).status_code == 204

    assert (Upload.objects.get().kind, Upload.objects.get().state) == ("screenshot", "waiting")


def barred_order(ann: User) -> Order:
    return make_order(ann, sms=True, purchased_at=timezone.now() - timedelta(days=90))


def test_nothing_is_kept_for_an_order_on_which_no_claim_is_possible(ann, ann_client):
    answer = create(ann_client, barred_order(ann), 10)

    assert_told(answer, 422, "No claim is possible on this order")
    assert not Upload.objects.exists()


def test_an_open_claim_takes_more_files_whatever_bars_a_new_one(ann, ann_client):
    order = barred_order(ann)
    make_claim(
        order,
        kind="major_defect",
        proofs=("screenshot",),
        now=order.purchased_at + timedelta(hours=1),
    )

    answer = create(ann_client, order, 10)

    assert answer.status_code == 201


def test_a_seventh_file_of_one_order_is_refused(ann, ann_client):
    order = make_order(ann)
    for _ in range(6):
        begin(ann_client, order, 10)

    answer = create(ann_client, order, 10)

    assert_told(answer, 422, "at most 6 files. Remove one first.")


def test_too_many_open_uploads_wait_for_one_to_end(ann, ann_client, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_OPEN", 2)
    first, _ = (begin(ann_client, make_order(ann), 10) for _ in range(2))

    answer = create(ann_client, make_order(ann), 10)
    delete(ann_client, first)
    after = create(ann_client, make_order(ann), 10)

    assert_told(answer, 429, "sending 2 files already", "remove one")
    assert answer["Retry-After"] == "60"
    assert after.status_code == 201


def test_more_than_a_day_may_bring_is_refused_until_there_is_room(ann, ann_client, monkeypatch):
    monkeypatch.setattr(quotas, "MOST_BYTES_A_DAY", 1000)
    begin(ann_client, make_order(ann), 1000)
    Upload.objects.update(received_at=timezone.now() - timedelta(hours=4))

    answer = create(ann_client, make_order(ann), 1)

    assert_told(answer, 429, "within 24 hours", "Send this file tomorrow")
    assert 0 <= 20 * 3600 - int(answer["Retry-After"]) < 60
