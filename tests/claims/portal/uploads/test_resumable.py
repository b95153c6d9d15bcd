"""Uploads in pieces by the protocol tus 1.0.0."""

from __future__ import annotations

import hashlib
import io
import itertools
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from claims import storage
from claims.actions.uploads import pieces
from claims.models import Piece, Upload
from tests.claims.portal.uploads.tus import (
    PIECE_TYPE,
    TUS,
    begin,
    checksum,
    create,
    delete,
    encoded,
    head,
    patch,
    spooled,
    spooled_bytes,
    spooled_modes,
)
from tests.makers import make_order
from tests.media import make_screenshot, make_video

PICTURE = make_screenshot()


@pytest.fixture
def ann_client(ann: User) -> Client:
    client = Client()
    client.force_login(ann)
    return client


def leftovers(settings: Any) -> list[Path]:
    return list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


@pytest.mark.usefixtures("either")
def test_a_file_in_three_pieces_arrives_whole_and_is_inspected(ann, ann_client, run_jobs, settings):
    address = begin(ann_client, make_order(ann, sms=True), len(PICTURE), "a b.png")
    cuts = [0, 100, 5000, len(PICTURE)]

    for start, end in itertools.pairwise(cuts):
        answer = patch(ann_client, address, PICTURE[start:end], start)
        assert answer.status_code == 204
        assert answer["Upload-Offset"] == str(end)
        assert head(ann_client, address)["Upload-Offset"] == str(end)

    upload = Upload.objects.get()
    assert (upload.state, upload.kind, upload.original_name) == ("waiting", "screenshot", "a b.png")
    assert [piece.offset for piece in upload.pieces.all()] == cuts[:-1]
    assert [piece.sha256 for piece in upload.pieces.all()] == [
        hashlib.sha256(PICTURE[start:end]).hexdigest() for start, end in itertools.pairwise(cuts)
    ]
    assert spooled_bytes(upload) == PICTURE
    assert leftovers(settings) == []
    assert run_jobs() == ["claims.inspect_upload"]
    upload.refresh_from_db()
    assert upload.state == Upload.State.ACCEPTED
    assert upload.sha256 == hashlib.sha256(PICTURE).hexdigest()
    assert spooled() == []
    for kept in upload.renditions.all():
        with storage.store().open(kept.name) as stored:
            assert hashlib.sha256(stored.read()).hexdigest() == kept.sha256


def test_every_piece_is_for_the_portal_alone(ann, ann_client):
    address = begin(ann_client, make_order(ann, sms=True), len(PICTURE))
    for start, end in ((0, 100), (100, len(PICTURE))):
        patch(ann_client, address, PICTURE[start:end], start)

    assert spooled_modes() == [(0o600, 0o700)] * 2


def test_anyone_may_ask_what_the_server_can_do(client, ann):
    order = make_order(ann)

    for address in (f"/orders/{order.shop_id}/uploads/", "/uploads/abc/"):
        answer = client.options(address)
        assert answer.status_code == 204
        assert answer["Tus-Resumable"] == answer["Tus-Version"] == "1.0.0"
        assert answer["Tus-Extension"] == "creation,checksum,termination,expiration"
        assert answer["Tus-Max-Size"] == str(100 * 1024 * 1024)
        assert answer["Tus-Checksum-Algorithm"] == "sha256,sha1"


def test_a_new_upload_has_an_address_and_an_end(ann, ann_client):
    answer = create(ann_client, make_order(ann), 12, "../../C:\\proof\0.png")

    upload = Upload.objects.get()
    assert answer.status_code == 201
    assert answer["Location"] == f"/uploads/{upload.token}/"
    assert answer["Upload-Expires"].endswith(" GMT")
    assert (upload.state, upload.received, upload.original_name) == ("receiving", 0, "proof.png")
    assert not ProcrastinateJob.objects.exists()


def test_its_head_tells_what_a_client_needs_to_go_on(ann, ann_client):
    address = begin(ann_client, make_order(ann), 1000, "ü.png")
    patch(ann_client, address, PICTURE[:600])

    answer = head(ann_client, address)

    assert answer.status_code == 200
    assert (answer["Upload-Offset"], answer["Upload-Length"]) == ("600", "1000")
    assert answer["Upload-Metadata"] == (
        f"filename {encoded('ü.png'.encode())},filetype {encoded(b'text/html')}"
    )
    assert answer["Cache-Control"] == "no-store"
    assert "Upload-Expires" in answer


@pytest.mark.parametrize(
    "metadata", ["filename Li4vYS5wbmc=,is_confidential", "relativePath bnVsbA==", "x" * 8192]
)
def test_its_head_tells_the_metadata_as_it_was_given(metadata, ann, ann_client):
    address = create(ann_client, make_order(ann), 10, **{"Upload-Metadata": metadata})["Location"]

    assert head(ann_client, address)["Upload-Metadata"] == metadata
    delete(ann_client, address)
    assert Upload.objects.get().metadata == ""


def test_without_metadata_its_head_tells_none(ann, ann_client):
    answer = create(ann_client, make_order(ann), 10, **{"Upload-Metadata": ""})

    assert "Upload-Metadata" not in head(ann_client, answer["Location"])


def test_a_post_may_mean_another_method(ann):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)
    browser.cookies["csrftoken"] = "c" * 32
    token = {"X-CSRFToken": "c" * 32}
    address = create(browser, make_order(ann), len(PICTURE), **token)["Location"]
    at_the_start = token | {"Upload-Offset": "0"}

    unchecked = overridden(browser, address, "PATCH", PICTURE, **{"Upload-Offset": "0"})
    sent = overridden(browser, address, "PATCH", PICTURE, **at_the_start, **checksum(PICTURE))
    asked = overridden(browser, address, "HEAD", **token)
    upload = Upload.objects.get()
    assert (unchecked.status_code, sent.status_code, asked.status_code) == (403, 204, 200)
    assert asked["Upload-Offset"] == asked["Upload-Length"] == str(len(PICTURE))
    assert asked.content == b""
    assert spooled_bytes(upload) == PICTURE
    assert overridden(browser, address, "delete", **token).status_code == 204
    upload.refresh_from_db()
    assert upload.state == Upload.State.REMOVED


def overridden(client: Client, address: str, method: str, body: bytes = b"", **headers: str) -> Any:
    told = TUS | {"X-HTTP-Method-Override": method} | headers
    return client.post(address, body, content_type=PIECE_TYPE, headers=told)


def test_only_a_post_may_mean_another_method(ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))
    told = TUS | {"X-HTTP-Method-Override": "DELETE"}

    assert ann_client.get(address, headers=told).status_code == 405
    assert ann_client.head(address, headers=told)["Upload-Offset"] == "0"
    assert Upload.objects.get().state == Upload.State.RECEIVING


def test_a_whole_upload_stays_whole_for_whoever_asks(ann, ann_client, run_jobs):
    address = begin(ann_client, make_order(ann), len(PICTURE))
    patch(ann_client, address, PICTURE)
    run_jobs()

    answer = head(ann_client, address)

    assert answer["Upload-Offset"] == answer["Upload-Length"] == str(len(PICTURE))
    assert "Upload-Expires" not in answer


def test_the_last_piece_sent_again_changes_nothing(ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))
    patch(ann_client, address, PICTURE)
    at_the_end = {"Upload-Offset": str(len(PICTURE))}

    again = patch(ann_client, address, PICTURE)
    nothing = send_broken(ann_client, address, Broken(b"", None), 0, **at_the_end)

    assert (again.status_code, again["Upload-Offset"]) == (409, str(len(PICTURE)))
    assert (nothing.status_code, nothing["Upload-Offset"]) == (204, str(len(PICTURE)))
    assert Piece.objects.count() == len(spooled()) == 1
    assert ProcrastinateJob.objects.count() == 1


@pytest.mark.parametrize("offset", [0, 99, 101, 5000, 10**17])
def test_a_piece_for_another_place_is_refused_and_told_the_right_one(offset, ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))
    patch(ann_client, address, PICTURE[:100])

    answer = patch(ann_client, address, b"x" * 50, offset)

    assert (answer.status_code, answer["Upload-Offset"]) == (409, "100")
    assert "goes on at byte 100" in answer.content.decode()
    assert spooled_bytes(Upload.objects.get()) == PICTURE[:100]
    assert len(spooled()) == 1


def test_more_than_was_announced_is_refused_before_it_is_read(ann, ann_client):
    address = begin(ann_client, make_order(ann), 1000)

    answer = patch(ann_client, address, PICTURE[:1001])

    assert answer.status_code == 413
    assert "1000 bytes" in answer.content.decode()
    assert Upload.objects.get().received == 0
    assert spooled() == []


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_checksum_that_fits_is_as_good_as_none(algorithm, ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))

    answer = patch(ann_client, address, PICTURE, **checksum(PICTURE, algorithm))

    assert answer.status_code == 204
    assert Upload.objects.get().state == Upload.State.WAITING


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_piece_with_another_checksum_is_not_kept(algorithm, ann, ann_client, settings):
    address = begin(ann_client, make_order(ann), len(PICTURE))

    answer = patch(ann_client, address, PICTURE, **checksum(b"other", algorithm))

    assert answer.status_code == 460
    assert "Send it once more" in answer.content.decode()
    assert Upload.objects.get().received == 0
    assert spooled() == leftovers(settings) == []


@pytest.mark.parametrize("value", ["md5 AAAA", "sha256 ====", "sha256 AAAA", "sha256", ""])
def test_a_checksum_that_nobody_can_check_is_a_bad_request(value, ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))

    answer = patch(ann_client, address, PICTURE, **{"Upload-Checksum": value})

    assert answer.status_code == 400
    assert spooled() == []


class Broken(io.RawIOBase):
    """A body whose sender disappears after its first bytes."""

    def __init__(self, content: bytes, error: OSError | None) -> None:
        self.content = io.BytesIO(content)
        self.error = error

    def read(self, size: int = -1) -> bytes:
        content = self.content.read(size)
        if not content and self.error:
            raise self.error
        return content


def send_broken(client: Client, address: str, body: Broken, size: int, **headers: str) -> Any:
    told = TUS | {"Upload-Offset": "0"} | headers
    environ: dict[str, Any] = {
        "CONTENT_LENGTH": str(size),
        "CONTENT_TYPE": PIECE_TYPE,
        "wsgi.input": body,
    }
    return client.generic("PATCH", address, headers=told, **environ)


@pytest.mark.parametrize("error", [None, ConnectionResetError("gone")])
def test_what_came_before_the_connection_broke_is_kept(error, ann, ann_client, settings):
    address = begin(ann_client, make_order(ann), len(PICTURE))

    send_broken(ann_client, address, Broken(PICTURE[:3000], error), len(PICTURE))

    assert head(ann_client, address)["Upload-Offset"] == "3000"
    assert spooled_bytes(Upload.objects.get()) == PICTURE[:3000]
    assert leftovers(settings) == []


def test_with_a_checksum_half_a_piece_is_not_kept(ann, ann_client):
    address = begin(ann_client, make_order(ann), len(PICTURE))

    send_broken(
        ann_client, address, Broken(PICTURE[:3000], None), len(PICTURE), **checksum(PICTURE)
    )

    assert head(ann_client, address)["Upload-Offset"] == "0"
    assert spooled() == []


def test_small_pieces_come_to_an_end(ann, ann_client, monkeypatch):
    monkeypatch.setattr(pieces, "FREE_PIECES", 2)
    monkeypatch.setattr(pieces, "LEAST_PIECE", 1000)
    address = begin(ann_client, make_order(ann), len(PICTURE))
    for offset in (0, 10):
        assert patch(ann_client, address, PICTURE[offset : offset + 10], offset).status_code == 204

    small = patch(ann_client, address, PICTURE[20:1019], 20)
    large = patch(ann_client, address, PICTURE[20:1020], 20)
    rest = patch(ann_client, address, PICTURE[1020:], 1020)

    assert small.status_code == 400
    assert "pieces of at least 1000 bytes" in small.content.decode()
    assert (large.status_code, rest.status_code) == (204, 204)
    assert spooled_bytes(Upload.objects.get()) == PICTURE


@pytest.mark.parametrize(
    ("error", "status", "seconds"), [("full", 507, "3600"), ("away", 503, "30")]
)
def test_a_store_that_fails_keeps_the_upload_where_it_was(
    error, status, seconds, ann, ann_client, monkeypatch, settings
):
    address = begin(ann_client, make_order(ann), len(PICTURE))
    patch(ann_client, address, PICTURE[:100])
    kind = {"full": storage.StoreFull, "away": storage.StoreUnavailable}[error]

    def fail(*args: Any, **kwargs: Any) -> str:
        raise kind("test")

    with monkeypatch.context() as patched:
        patched.setattr(storage, "put_in_spool", fail)
        answer = patch(ann_client, address, PICTURE[100:], 100)

    assert (answer.status_code, answer["Retry-After"]) == (status, seconds)
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert head(ann_client, address)["Upload-Offset"] == "100"
    assert leftovers(settings) == []
    assert patch(ann_client, address, PICTURE[100:], 100).status_code == 204


def test_a_video_in_pieces_is_a_video(ann, ann_client):
    video = make_video()
    address = begin(ann_client, make_order(ann), len(video), "screen.mp4")

    patch(ann_client, address, video[:511])
    assert Upload.objects.get().kind == ""
    patch(ann_client, address, video[511:512], 511)

    assert Upload.objects.get().kind == "video"
