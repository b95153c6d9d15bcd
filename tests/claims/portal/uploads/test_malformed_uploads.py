"""Hundreds of malformed files through the real doors and the real inspection.

Each gets a clear refusal at the door, or a failed inspection with a sentence, or leaves a rendition
that shows nothing but pixels. No answer is 5xx, the worker raises nothing, and nothing is fetched.
"""

from __future__ import annotations

import io
import itertools
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import av
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from claims import storage
from claims.actions.uploads.intake import MOST_FILES
from claims.inspection import Format, sniff
from claims.models import Order, Rendition, Upload
from tests.claims.portal.uploads.tus import create, patch
from tests.makers import REASON, make_order, make_user
from tests.malformed import (
    FAMILIES,
    MAY_BE_ACCEPTED,
    MOST_FLIPS_ACCEPTED,
    NAMES,
    Malformed,
    family,
    good,
    in_batches,
    references,
)

RunJobs = Callable[[], list[str]]
DONE = {Upload.State.ACCEPTED, Upload.State.REFUSED}
MARK = b"b7e4-mark"

_numbers = itertools.count()


def new_order() -> tuple[Client, Order]:
    """Return a client and an order of a customer who hasn't sent anything: limits are for each
    customer.
    """
    customer = make_user(f"sender{next(_numbers)}@example.com")
    client = Client()
    client.force_login(customer)
    return client, make_order(customer, completed=True)


def send_form(client: Client, order: Order, files: list[tuple[str, bytes]]) -> Any:
    fields = {"step": "check", "kind": "invalid_number", "reason": REASON, "terms": "on"}
    sent = [SimpleUploadedFile("proof", data, content_type="image/png") for _, data in files]
    for upload, (name, _) in zip(sent, files, strict=True):
        # Bypass the class's own cleaning of names, which a hostile browser doesn't do.
        upload.__dict__["_name"] = name
    return client.post(
        f"/orders/{order.shop_id}/claim/",
        fields | {"submission": str(uuid4()), "files": sent},
    )


def through_the_form(files: list[Malformed], run_jobs: RunJobs) -> set[str]:
    """Send the files through the form; return the names of those that were accepted."""
    client, order = new_order()
    named = {f"{number}.png": made for number, made in enumerate(files)}
    page = send_form(client, order, [(name, made.data) for name, made in named.items()])
    let_in = set(Upload.objects.filter(order=order).values_list("original_name", flat=True))
    problems = page.context.get("file_problems", [])
    assert page.status_code == (422 if problems else 200)
    for name, made in named.items():
        told = [problem for problem in problems if problem.startswith(f"{name}: ")]
        assert (name in let_in) is not bool(told), made.name
        assert made.known or name not in let_in, made.name
    run_jobs()
    return {named[name].name for name in check_outcome(order)}


def through_tus(made: Malformed, run_jobs: RunJobs) -> set[str]:
    """Send the file through tus; return its name if it was accepted."""
    client, order = new_order()
    answer = create(client, order, len(made.data))
    if answer.status_code == 201:
        answer = patch(client, answer["Location"], made.data)
    if answer.status_code != 204:
        assert 400 <= answer.status_code < 500, made.name
        assert answer.content.strip(), made.name
    else:
        assert made.known, made.name
    run_jobs()
    return {made.name for _ in check_outcome(order)}


def through_both_doors(files: list[Malformed], run_jobs: RunJobs) -> set[str]:
    accepted = set()
    for batch in in_batches(files, MOST_FILES):
        accepted |= through_the_form(batch, run_jobs)
    # Both doors make the same checks, which a share of the files shows.
    for made in files[::6]:
        accepted |= through_tus(made, run_jobs)
    return accepted


def not_to_be_accepted(name: str, accepted: set[str]) -> list[str]:
    return sorted(each for each in accepted if not re.fullmatch(MAY_BE_ACCEPTED[name], each))


def check_outcome(order: Order) -> set[str]:
    """Check the outcome of each file; return the names under which files were accepted."""
    accepted = set()
    for upload in Upload.objects.filter(order=order).exclude(state=Upload.State.REMOVED):
        if upload.state == Upload.State.RECEIVING:
            continue
        assert upload.state in DONE
        assert (upload.state == Upload.State.ACCEPTED) is not bool(upload.problem)
        if upload.state == Upload.State.ACCEPTED:
            accepted.add(upload.original_name)
            assert upload.renditions.exists()
        for rendition in upload.renditions.all():
            check_clean(rendition)
    return accepted


def check_clean(rendition: Rendition) -> None:
    with storage.store().open(rendition.name) as stored:
        data = stored.read()
    assert MARK not in data
    assert b"<script" not in data
    if rendition.media_type == "image/webp":
        assert sniff(data) is Format.WEBP
        with Image.open(io.BytesIO(data), formats=["WEBP"]) as picture:
            picture.load()
            assert not {"exif", "xmp", "icc_profile"} & set(picture.info)
        return
    assert sniff(data) is Format.MP4
    with av.open(io.BytesIO(data), mode="r", format="mp4") as video:
        assert any(True for _ in video.decode(video=0))


@pytest.mark.sampled(share=1 / 2)
@pytest.mark.parametrize("name", FAMILIES)
def test_malformed_files_are_refused_with_a_sentence_or_leave_clean_pixels(
    db: None, run_jobs: RunJobs, listener: socket.socket, name: str
) -> None:
    files = family(name)
    accepted = through_both_doors(files, run_jobs)
    assert not_to_be_accepted(name, accepted) == []
    assert not_to_be_accepted(name, {made.name for made in files}), "else the list says nothing"
    if name == "bits flipped":
        assert len(accepted) <= MOST_FLIPS_ACCEPTED * len(files)
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_there_are_hundreds_of_them_and_the_same_ones_every_time() -> None:
    first = [made.data for name in FAMILIES for made in family(name)]
    assert len(first) > 280
    assert first == [made.data for name in FAMILIES for made in family(name)]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_what_a_file_refers_to_is_neither_fetched_nor_opened(
    db: None, run_jobs: RunJobs, listener: socket.socket, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.ts"
    secret.write_bytes(good()["mp4"] + MARK)
    host, port = listener.getsockname()
    files = list(references(f"{host}:{port}", str(secret)))
    accepted = through_both_doors(files, run_jobs)
    assert not_to_be_accepted("references", accepted) == []
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_that_listener_would_have_seen_a_reader_that_fetches(
    listener: socket.socket, tmp_path: Path
) -> None:
    listener.setblocking(True)
    host, port = listener.getsockname()
    callers: list[str] = []

    def hang_up() -> None:
        connection, caller = listener.accept()
        callers.append(caller[0])
        connection.close()

    answering = threading.Thread(target=hang_up, daemon=True)
    answering.start()
    playlist = next(references(f"{host}:{port}", "secret"))
    path = tmp_path / "playlist.m3u8"
    path.write_bytes(playlist.data)
    with path.open("rb") as source, suppress(av.error.FFmpegError):
        av.open(source)
    answering.join(10)
    assert callers == [host]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_hostile_name_names_nothing(
    db: None, run_jobs: RunJobs, tmp_path: Path, name: str
) -> None:
    client, order = new_order()
    page = send_form(client, order, [(name, good()["png"])])
    assert page.status_code in {200, 400, 422}
    run_jobs()
    for upload in Upload.objects.filter(order=order):
        assert upload.original_name.isprintable()
        assert not set("/\\") & set(upload.original_name)
        assert upload.state == Upload.State.ACCEPTED
        page_again = client.get(f"/orders/{order.shop_id}/claim/").content
        assert b"<img src=x" not in page_again
    outside = [path.name for path in tmp_path.iterdir()]
    assert set(outside) <= {"incoming", "static", "spool", "evidence"}
