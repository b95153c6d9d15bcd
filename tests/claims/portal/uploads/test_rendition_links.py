"""Evidence in a bucket: the same check, then a link of a few minutes to the store itself."""

from __future__ import annotations

import urllib.request
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client

from claims.models import Upload
from tests.makers import make_order, make_upload
from tests.media import make_screenshot, make_video
from tests.processes import PATIENCE


@pytest.fixture
def video(any_bucket, ann, run_jobs) -> Upload:
    upload = make_upload(make_order(ann, completed=True), kind="video", content=make_video())
    run_jobs()
    upload.refresh_from_db()
    return upload


def fetch(link: str, **headers: str):
    return urllib.request.urlopen(urllib.request.Request(link, headers=headers), timeout=PATIENCE)


def test_its_owner_is_sent_to_a_link_of_five_minutes(video, ann_client, settings):
    response = ann_client.get(f"/evidence/{video.token}/video/")

    link = urlsplit(response["Location"])
    assert response.status_code == 302
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert f"{link.scheme}://{link.netloc}" == settings.STORE_ORIGIN
    assert int(parse_qs(link.query)["X-Amz-Expires"][0]) <= 300


@pytest.mark.parametrize(
    ("role", "media_type", "file_name"),
    [
        ("video", "video/mp4", "evidence.mp4"),
        ("poster", "image/webp", "evidence.webp"),
        ("thumbnail", "image/webp", "evidence.webp"),
    ],
)
def test_the_link_works_with_a_forced_type_and_a_harmless_name(
    video, ann_client, role, media_type, file_name
):
    link = ann_client.get(f"/evidence/{video.token}/{role}/")["Location"]

    # The link is signed, so the type that somebody might set in the store has no effect.
    assert parse_qs(urlsplit(link).query)["response-content-type"] == [media_type]
    with fetch(link) as answer:
        assert len(answer.read()) == video.renditions.get(role=role).size
        assert answer.headers["Content-Type"] == media_type
        assert answer.headers["Content-Disposition"] == f'inline; filename="{file_name}"'


def test_a_player_seeks_at_the_store(video, ann_client):
    link = ann_client.get(f"/evidence/{video.token}/video/")["Location"]

    with fetch(link, Range="bytes=10-19") as answer:
        assert answer.status == 206
        assert len(answer.read()) == 10


def test_head_is_answered_by_the_portal(video, ann_client):
    response = ann_client.head(f"/evidence/{video.token}/video/")

    assert response.status_code == 200
    assert response["Content-Length"] == str(video.renditions.get(role="video").size)
    assert "Location" not in response


def test_another_customer_gets_no_link(video, bob):
    client = Client()
    client.force_login(bob)

    response = client.get(f"/evidence/{video.token}/video/")

    assert response.status_code == 404
    assert "Location" not in response
    assert django_settings.STORE_ORIGIN not in response.content.decode()


def test_who_is_not_signed_in_gets_no_link(video):
    response = Client().get(f"/evidence/{video.token}/video/")

    assert response["Location"].startswith("/account/login/")


def test_a_link_says_nothing_of_the_file_the_customer_sent(any_bucket, ann, ann_client, run_jobs):
    upload = make_upload(
        make_order(ann, completed=True), content=make_screenshot(), name="passport.html"
    )
    run_jobs()

    link = ann_client.get(f"/evidence/{upload.token}/picture/")["Location"]

    assert "passport" not in link
    assert upload.token not in link
