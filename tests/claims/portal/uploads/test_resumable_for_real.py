"""Resumable uploads over real connections, to the real web server, by the stock client tuspy."""

from __future__ import annotations

import itertools
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from tusclient.client import TusClient

from accounts.models import User
from claims.actions.uploads import inspection
from claims.models import Order, Upload
from tests.claims.conftest import InBucket
from tests.claims.portal.uploads.cut_line import PLACES, cut_line
from tests.claims.portal.uploads.tus import (
    PIECE_TYPE,
    TUS,
    checksum,
    encoded,
    spooled,
    spooled_bytes,
)
from tests.makers import make_order, make_user
from tests.media import make_screenshot, make_video
from tests.processes import PATIENCE, WebServer, wait_until, web

CSRF = "c" * 32
RETRIES = 60
RETRY_DELAY = 0.05


@pytest.fixture
def ann(real_commits: str) -> User:
    return make_user("ann@example.com", display_name="Ann")


@pytest.fixture
def server(real_commits: str, tmp_path: Path) -> Iterator[WebServer]:
    with web(tmp_path) as started:
        yield started


def signed_in(person: User) -> dict[str, str]:
    """Return the headers of a browser in which the person is signed in."""
    client = Client()
    client.force_login(person)
    session = client.cookies["sessionid"].value
    return {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}


def uploads_of(order: Order, url: str, person: User) -> TusClient:
    return TusClient(f"{url}/orders/{order.shop_id}/uploads/", headers=signed_in(person))


@pytest.mark.sampled(share=1 / 2)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("with_checksums", [False, True])
@pytest.mark.parametrize(
    ("name", "make", "chunk"), [("s.png", make_screenshot, 1500), ("v.mp4", make_video, 4000)]
)
def test_tuspy_resumes_after_the_line_is_cut_at_every_piece(
    name, make, chunk, with_checksums, place, ann, server, tmp_path
):
    content, file = make(), tmp_path / name
    file.write_bytes(content)
    with cut_line(server.url, place) as line:
        uploader = uploads_of(make_order(ann, sms=True), line.url, ann).uploader(
            str(file),
            chunk_size=chunk,
            retries=RETRIES,
            retry_delay=RETRY_DELAY,
            metadata={"filename": name},
            upload_checksum=with_checksums,
        )
        uploader.upload()

    upload = Upload.objects.get()
    assert len(line.cuts) >= -(-len(content) // chunk)
    assert {piece.offset for piece in upload.pieces.all()} <= set(line.cuts)
    assert (upload.state, upload.original_name) == ("waiting", name)
    assert spooled_bytes(upload) == content
    assert len(spooled()) == upload.pieces.count()
    assert ProcrastinateJob.objects.filter(task_name="claims.inspect_upload").count() == 1
    inspection.inspect_upload(upload_id=upload.pk, clock=timezone.now)
    upload.refresh_from_db()
    assert (upload.state, upload.problem) == (Upload.State.ACCEPTED, "")


def test_tuspy_goes_on_with_the_address_alone_and_through_another_server(
    ann, server, tmp_path, real_commits
):
    content, file = make_screenshot(), tmp_path / "s.png"
    file.write_bytes(content)
    client = uploads_of(make_order(ann, sms=True), server.url, ann)
    first = client.uploader(str(file), chunk_size=2000)
    first.upload(stop_at=4000)

    with web(tmp_path) as other:
        address = str(first.url).replace(server.url, other.url)
        client.uploader(str(file), chunk_size=2000, url=address).upload()

    upload = Upload.objects.get()
    assert upload.state == Upload.State.WAITING
    assert upload.pieces.count() > 2
    assert spooled_bytes(upload) == content


@pytest.fixture
def in_a_bucket(real_commits: str, bucket: InBucket, settings: Any) -> None:
    """Let this process find files where the servers put them: in the bucket that they are given."""
    places = {place: settings.STORAGES[place] for place in ("spool", "evidence")}
    settings.STORAGES = settings.STORAGES | {
        place: config | {"OPTIONS": config["OPTIONS"] | {"location": place}}
        for place, config in places.items()
    }


def test_two_servers_that_share_nothing_but_the_bucket_take_turns(in_a_bucket, ann, tmp_path):
    content, file = make_screenshot(), tmp_path / "s.png"
    file.write_bytes(content)
    order = make_order(ann, sms=True)
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        (folder / "incoming").mkdir(parents=True)

    with web(folders[0]) as one, web(folders[1]) as two:
        turns = itertools.cycle([one, two])
        first = uploads_of(order, one.url, ann).uploader(str(file), chunk_size=2000)
        path = urlsplit(str(first.create_url())).path
        for end in range(4000, len(content) + 4000, 4000):
            client = uploads_of(order, (server := next(turns)).url, ann)
            part = client.uploader(str(file), chunk_size=2000, url=server.url + path)
            part.upload(stop_at=min(end, len(content)))

    upload = Upload.objects.get()
    assert upload.state == Upload.State.WAITING
    assert upload.pieces.count() == len(spooled()) == -(-len(content) // 2000)
    assert spooled_bytes(upload) == content
    kept = [file for folder in folders for file in files_of(folder / "incoming")]
    assert kept == []
    inspection.inspect_upload(upload_id=upload.pk, clock=timezone.now)
    upload.refresh_from_db()
    assert upload.state == Upload.State.ACCEPTED
    assert spooled() == []


def files_of(folder: Path) -> list[Path]:
    """Return every file that a server has left in its own folder, except its log."""
    return [found for found in folder.rglob("*") if found.is_file() and found.suffix != ".log"]


def open_patch(server: WebServer, address: str, person: User, size: int, **more: str):
    """Open a connection and send the headers of a PATCH."""
    target = urlsplit(server.url)
    connection = socket.create_connection((target.hostname, target.port))
    headers = {
        **TUS, **signed_in(person), **more, "Host": target.netloc, "Upload-Offset": "0",
        "Content-Type": PIECE_TYPE, "Content-Length": str(size),
    }  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    connection.sendall(f"PATCH {address} HTTP/1.1\r\n{lines}\r\n".encode())
    return connection


def begin(server: WebServer, person: User, size: int) -> str:
    order = make_order(person, sms=True)
    answer = requests.post(
        f"{server.url}/orders/{order.shop_id}/uploads/",
        headers=TUS | signed_in(person) | {"Upload-Length": str(size)},
        timeout=PATIENCE,
    )
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


@pytest.mark.parametrize("reset", [False, True])
def test_what_came_before_the_client_vanished_is_kept(reset, ann, server, tmp_path):
    content = make_screenshot()
    address = begin(server, ann, len(content))
    connection = open_patch(server, address, ann, len(content))
    connection.sendall(content[:3000])
    # A reset discards bytes that the server hasn't read yet, so wait until it waits for more.
    wait_until(lambda: list((tmp_path / "incoming").iterdir()))
    if reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()

    wait_until(lambda: Upload.objects.get().received)

    upload = Upload.objects.get()
    assert upload.received == 3000
    assert spooled_bytes(upload) == content[:3000]
    wait_until(lambda: not list((tmp_path / "incoming").iterdir()))


def test_with_a_checksum_nothing_is_kept_of_half_a_piece(ann, server, tmp_path):
    content = make_screenshot()
    address = begin(server, ann, len(content))
    connection = open_patch(server, address, ann, len(content), **checksum(content))
    connection.sendall(content[:3000])
    wait_until(lambda: list((tmp_path / "incoming").iterdir()))

    connection.close()

    wait_until(lambda: not list((tmp_path / "incoming").iterdir()))
    assert Upload.objects.get().received == 0
    assert spooled() == []


def test_a_client_that_comes_back_before_its_old_connection_ends_loses_nothing(
    ann, server, tmp_path
):
    content = make_screenshot()
    address = begin(server, ann, len(content))
    stale = open_patch(server, address, ann, len(content))
    stale.sendall(content[:3000])
    wait_until(lambda: list((tmp_path / "incoming").iterdir()))

    answer = requests.patch(
        server.url + address,
        data=content,
        headers=TUS | signed_in(ann) | {"Upload-Offset": "0", "Content-Type": PIECE_TYPE},
        timeout=PATIENCE,
    )
    stale.close()

    wait_until(lambda: not list((tmp_path / "incoming").iterdir()))
    assert answer.status_code == 204
    upload = Upload.objects.get()
    assert upload.state == Upload.State.WAITING
    assert spooled_bytes(upload) == content
    assert len(spooled()) == 1


def test_the_servers_own_checks_stay_on(ann, server):
    order = make_order(ann, sms=True)
    headers = signed_in(ann) | TUS | {"Upload-Length": "10", "Upload-Metadata": encoded(b"x")}
    del headers["X-CSRFToken"]

    answer = requests.post(
        f"{server.url}/orders/{order.shop_id}/uploads/", headers=headers, timeout=PATIENCE
    )

    assert answer.status_code == 403
    assert not Upload.objects.exists()
