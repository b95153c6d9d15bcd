from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from claims import storage
from claims.actions.customer import filing
from claims.models import Upload
from claims.portal.uploads.rendition_views import Unsatisfiable, requested_range
from tests.makers import REASON, make_order, make_upload
from tests.media import make_screenshot, make_video


@pytest.fixture
def video(ann, run_jobs) -> Upload:
    """Return a video that the inspection has accepted."""
    upload = make_upload(make_order(ann, completed=True), kind="video", content=make_video())
    run_jobs()
    upload.refresh_from_db()
    return upload


def stored(upload: Upload, role: str) -> bytes:
    with storage.store().open(upload.renditions.get(role=role).name) as file:
        return bytes(file.read())


def body(response) -> bytes:
    return b"".join(response.streaming_content)


def test_a_rendition_is_streamed_whole_under_headers_that_let_nothing_run(video, ann_client):
    response = ann_client.get(f"/evidence/{video.token}/video/")

    whole = stored(video, "video")
    assert response.status_code == 200
    assert response.streaming
    assert body(response) == whole
    assert response["Content-Type"] == "video/mp4"
    assert response["Content-Length"] == str(len(whole))
    assert response["Content-Security-Policy"] == "sandbox"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"] == "inline"
    assert response["Accept-Ranges"] == "bytes"


def test_a_picture_has_its_own_fixed_type(ann, ann_client, run_jobs):
    upload = make_upload(
        make_order(ann, completed=True), content=make_screenshot(), name="page.html"
    )
    run_jobs()

    response = ann_client.get(f"/evidence/{upload.token}/picture/")

    assert response["Content-Type"] == "image/webp"
    assert body(response)[8:12] == b"WEBP"


def test_a_thumbnail_is_shown_to_whom_the_file_is(video, ann, bob, ann_client):
    other = Client()
    other.force_login(bob)
    address = f"/evidence/{video.token}/thumbnail/"

    response = ann_client.get(address)

    assert response["Content-Type"] == "image/webp"
    assert body(response) == stored(video, "thumbnail")
    assert response["Content-Security-Policy"] == "sandbox"
    assert other.get(address).status_code == 404


def test_an_upload_from_before_thumbnails_is_shown_without(video, ann_client):
    video.renditions.filter(role="thumbnail").delete()

    assert ann_client.get(f"/evidence/{video.token}/thumbnail/").status_code == 404
    assert ann_client.get(f"/evidence/{video.token}/poster/").status_code == 200


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [("bytes=0-99", 0, 99), ("bytes=100-", 100, -1), ("bytes=-50", -50, -1)],
)
def test_a_range_is_answered_with_that_part(video, ann_client, header, first, last):
    whole = stored(video, "video")
    start, stop = first % len(whole), last % len(whole) + 1

    response = ann_client.get(f"/evidence/{video.token}/video/", headers={"range": header})

    assert response.status_code == 206
    assert response["Content-Range"] == f"bytes {start}-{stop - 1}/{len(whole)}"
    assert response["Content-Length"] == str(stop - start)
    assert body(response) == whole[start:stop]
    assert response["Content-Security-Policy"] == "sandbox"


def test_a_range_behind_the_end_is_unsatisfiable(video, ann_client):
    size = len(stored(video, "video"))

    response = ann_client.get(
        f"/evidence/{video.token}/video/", headers={"range": f"bytes={size}-"}
    )

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{size}"
    assert response["Content-Security-Policy"] == "sandbox"


def test_head_tells_the_size_and_sends_nothing(video, ann_client):
    response = ann_client.head(f"/evidence/{video.token}/video/", headers={"range": "bytes=0-9"})

    assert response.status_code == 200
    assert response["Content-Length"] == str(len(stored(video, "video")))
    assert response.content == b""


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5-2", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
        ("bytes=٠-١", None),
        ("bytes=" + "9" * 99 + "-", None),
        ("bytes=0-0", range(1)),
        ("bytes=9-99", range(9, 10)),
        ("bytes=-99", range(10)),
    ],
)
def test_a_range_header_is_read_as_the_standard_says(header, wanted):
    assert requested_range(header, 10) == wanted


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-12", "bytes=-0"])
def test_a_range_of_nothing_is_unsatisfiable(header):
    with pytest.raises(Unsatisfiable):
        requested_range(header, 10)


def test_staff_see_the_evidence_of_claims_and_nothing_else(video, ann, sue):
    client = Client()
    client.force_login(sue)
    address = f"/evidence/{video.token}/video/"

    before = client.head(address)
    filing.file_claim(
        order_id=video.order_id, by=ann, kind="invalid_number", reason=REASON,
        customer_two_factor=False, terms_accepted=True, uploads=[video.token],
        submission=uuid4(), now=timezone.now(),
    )  # fmt: skip
    after = client.head(address)

    assert (before.status_code, after.status_code) == (404, 200)


def test_staff_who_buy_numbers_see_their_own_files_before_a_claim_shows_them(sue, run_jobs):
    upload = make_upload(make_order(sue, completed=True), content=make_screenshot())
    run_jobs()
    client = Client()
    client.force_login(sue)

    assert client.head(f"/evidence/{upload.token}/picture/").status_code == 200


def test_staff_without_the_permission_see_none(video, rita):
    client = Client()
    client.force_login(rita)

    assert client.get(f"/evidence/{video.token}/video/").status_code == 404


def test_the_original_is_never_served(ann, ann_client):
    upload = make_upload(make_order(ann, completed=True), content=make_screenshot())

    for role in ("picture", "original", "input"):
        assert ann_client.get(f"/evidence/{upload.token}/{role}/").status_code == 404
