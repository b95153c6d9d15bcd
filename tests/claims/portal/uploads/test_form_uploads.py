"""Files that come by the claim form: recognised by their bytes, counted, measured, kept or not."""

from __future__ import annotations

import hashlib
import io
import tracemalloc
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import global_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory

from claims import storage
from claims.inspection import FileProblem, Limits
from claims.models import Claim, Upload
from claims.portal.too_large import MOST_DISCARDED
from claims.portal.uploads.form_uploads import MOST_BYTES, clean_name
from claims.wording.file_problems import file_problem
from tests.claims.portal.uploads.tus import spooled_modes
from tests.makers import REASON, make_order, make_upload
from tests.media import make_screenshot, make_video

MEBIBYTE = 1024 * 1024


def file(name: str, content: bytes, content_type: str = "image/png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=content_type)


def names(page) -> list[str]:
    return [tile.upload.original_name for tile in page.context["tiles"]]


def leftovers(settings) -> list[Path]:
    return list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir())


class Streamed(io.RawIOBase):
    """A body that is made while it is read: its head, this many bytes of filling, its end."""

    def __init__(self, head: bytes, filling: int, end: bytes) -> None:
        self.parts = [head, end]
        self.filling = filling
        self.length = len(head) + filling + len(end)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if self.parts and len(self.parts) == 2:
            return self._take(0, size)
        if self.filling:
            count = min(size, self.filling)
            self.filling -= count
            return bytes(count)
        return self._take(0, size) if self.parts else b""

    def _take(self, at: int, size: int) -> bytes:
        piece, self.parts[at] = self.parts[at][:size], self.parts[at][size:]
        if not self.parts[at]:
            del self.parts[at]
        return piece


def stream(client: Client, order, head: bytes, size: int):
    """Send one file of `size` bytes that begins with `head`, without ever holding it whole."""
    fields = {"step": "check", "kind": "major_defect", "reason": REASON, "terms": "on"}
    fields["submission"] = str(uuid4())
    text = "".join(
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    text += '--edge\r\nContent-Disposition: form-data; name="files"; filename="big"\r\n\r\n'
    body = Streamed(text.encode() + head, size - len(head), b"\r\n--edge--\r\n")
    return post_body(client, order, body, body.length)


def post_body(client: Client, order, body: io.RawIOBase, length: int):
    environ: dict[str, Any] = {
        "wsgi.input": body,
        "CONTENT_TYPE": "multipart/form-data; boundary=edge",
        "CONTENT_LENGTH": str(length),
    }
    return client.generic("POST", f"/orders/{order.shop_id}/claim/", **environ)


def test_a_picture_and_a_video_are_kept_as_what_their_bytes_are(ann, send):
    shot, video = make_screenshot(), make_video()
    order = make_order(ann, completed=True)

    page = send(order, files=[file("a.txt", shot, "text/plain"), file("b.png", video)])

    assert names(page) == ["a.txt", "b.png"]
    first, second = Upload.objects.order_by("pk")
    assert (first.kind, second.kind) == ("screenshot", "video")
    assert first.sha256 == hashlib.sha256(shot).hexdigest()
    assert (second.size, second.order, second.customer) == (len(video), order, ann)
    with storage.spool().open(first.pieces.get().name) as kept:
        assert kept.read() == shot


def test_what_is_spooled_is_for_the_portal_alone(ann, send):
    picture, video = file("a.png", make_screenshot()), file("b.mp4", make_video())

    send(make_order(ann, completed=True), files=[picture, video])

    modes = spooled_modes()
    assert len(modes) == 2
    assert set(modes) == {(0o600, 0o700)}


def test_a_text_named_png_is_refused_by_name_and_the_rest_is_kept(ann, send, settings):
    page = send(
        make_order(ann, completed=True),
        files=[
            file("lies.png", b"just words, no picture" * 99),
            file("good.png", make_screenshot()),
        ],
    )

    assert page.status_code == 422
    assert names(page) == ["good.png"]
    (problem,) = page.context["file_problems"]
    assert problem.startswith("lies.png: This file isn't a picture or a video")
    assert REASON in page.content.decode()
    assert leftovers(settings) == []


def test_an_empty_file_is_refused(ann, send):
    page = send(make_order(ann, completed=True), files=[file("empty.png", b"")])

    assert page.context["file_problems"][0].startswith("empty.png: This file is empty")
    assert not Upload.objects.exists()


def test_a_seventh_file_is_left_out(ann, send, settings):
    shots = [make_screenshot(f"Number {at}") for at in range(7)]

    page = send(
        make_order(ann, completed=True),
        files=[file(f"{at}.png", shot) for at, shot in enumerate(shots)],
    )

    assert page.status_code == 422
    assert names(page) == [f"{at}.png" for at in range(6)]
    assert page.context["file_problems"] == [
        "6.png: a claim shows at most 6 files, so this one was left out."
    ]
    assert leftovers(settings) == []


def test_files_that_came_before_count_too(ann, send):
    order = make_order(ann, completed=True)
    for at in range(6):
        make_upload(order, name=f"{at}.png", content=bytes([at]))

    page = send(order, files=[file("seventh.png", make_screenshot())])

    assert page.context["file_problems"][0].startswith("seventh.png: A claim shows at most 6")
    assert Upload.objects.count() == 6


def test_a_file_sent_again_is_kept_once(ann, send):
    order, shot = make_order(ann, completed=True), make_screenshot()

    for name in ("first.png", "again.png"):
        page = send(order, files=[file(name, shot)])

    assert page.status_code == 200
    assert names(page) == ["first.png"]


def test_a_picture_over_its_limit_is_refused_and_text_and_the_other_file_stay(ann, send, settings):
    head = make_screenshot()
    large = head + bytes(Limits().max_picture_bytes + 1 - len(head))

    page = send(
        make_order(ann, completed=True),
        files=[file("large.png", large), file("good.png", make_screenshot("other"))],
    )

    assert page.status_code == 422
    assert names(page) == ["good.png"]
    assert page.context["file_problems"] == [
        f"large.png: {file_problem(FileProblem.TOO_LARGE, Limits())}"
    ]
    assert REASON in page.content.decode()
    assert leftovers(settings) == []


def test_a_video_of_exactly_100_mb_is_never_held_in_memory(ann, ann_client, settings):
    order, size = make_order(ann, sms=True), Limits().max_video_bytes
    ann_client.get("/policy/")
    tracemalloc.start()
    try:
        page = stream(ann_client, order, make_video()[:1000], size)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert Upload.objects.get().size == size
    assert names(page) == ["big"]
    assert peak < 12 * MEBIBYTE
    assert leftovers(settings) == []


def test_a_video_of_one_byte_more_is_refused_and_leaves_nothing(ann, ann_client, settings):
    order, size = make_order(ann, sms=True), Limits().max_video_bytes + 1

    page = stream(ann_client, order, make_video()[:1000], size)

    assert page.status_code == 422
    assert page.context["file_problems"][0].startswith("big: This file is too large.")
    assert not Upload.objects.exists()
    assert leftovers(settings) == []


def test_more_than_six_videos_at_once_is_answered_before_they_are_taken_in(
    ann, ann_client, settings
):
    order, body = make_order(ann, sms=True), Endless()

    page = post_body(ann_client, order, body, MOST_BYTES + 1)

    assert page.status_code == 413
    told = page.content.decode()
    for limit in ("6 files", "10\N{NO-BREAK SPACE}MB", "100\N{NO-BREAK SPACE}MB"):
        assert limit in told
    assert "too large to send at once" in told
    # Read so far only that the sender gets the answer.
    assert 0 < body.taken <= MOST_DISCARDED
    assert not Upload.objects.exists()
    assert leftovers(settings) == []


class Endless(io.RawIOBase):
    """A body without a form in it, that counts what is taken of it."""

    taken = 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0
        self.taken += size
        return bytes(size)


def test_files_in_another_field_are_not_kept(ann, ann_client, settings):
    order = make_order(ann, sms=True)

    ann_client.post(
        f"/orders/{order.shop_id}/claim/", {"other": file("other.png", make_screenshot())}
    )

    assert not Upload.objects.exists()
    assert leftovers(settings) == []


@pytest.mark.parametrize("address", ["/orders/{order}/claim/", "/claims/{claim}/evidence/"])
def test_a_form_from_elsewhere_is_refused_and_nothing_is_kept(ann, settings, address):
    order = make_order(ann, sms=True)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)

    answer = browser.post(
        address.format(order=order.shop_id, claim="CLM-0000-0000-0000"),
        {"files": file("a.png", make_screenshot())},
    )

    assert answer.status_code == 403
    assert not Upload.objects.exists()
    assert leftovers(settings) == []


def test_the_page_s_own_form_passes_the_check(ann):
    order = make_order(ann, sms=True)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ann)
    page = browser.get(f"/orders/{order.shop_id}/claim/")
    fields = {
        "csrfmiddlewaretoken": get_token(page.wsgi_request),
        "step": "send",
        "kind": "major_defect",
        "reason": REASON,
        "terms": "on",
        "submission": str(page.context["form"].initial["submission"]),
    }

    answer = browser.post(f"/orders/{order.shop_id}/claim/", fields)

    assert answer.status_code == 302
    assert Claim.objects.get().order == order


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("C:\\Users\\ann\\proof.png", "proof.png"),
        ("../../etc/passwd", "passwd"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}gnp.exe\n\0", "agnp.exe"),
        ("  two   words .png ", "two words .png"),
        ("\N{ZERO WIDTH SPACE}", "file"),
        ("x" * 300, "x" * 120),
    ],
)
def test_a_name_becomes_fit_to_be_shown(sent, kept):
    assert clean_name(sent) == kept


def test_a_name_that_no_disk_takes_is_no_trouble(ann, send):
    page = send(make_order(ann, completed=True), files=[file("a." + "p" * 250, make_screenshot())])

    assert page.status_code == 200
    assert len(names(page)[0]) == 120


def test_other_pages_keep_the_usual_upload_handlers(ann):
    handlers = RequestFactory().get("/admin/").upload_handlers

    assert "Evidence" not in " ".join(type(handler).__name__ for handler in handlers)


@pytest.fixture
def stored_sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record the sizes of what is written to temporary files while forms are read."""
    sizes: list[int] = []
    for handler in (TemporaryFileUploadHandler, MemoryFileUploadHandler):
        take = handler.receive_data_chunk

        def counted(self, raw_data, start, take=take):
            sizes.append(len(raw_data))
            return take(self, raw_data, start)

        monkeypatch.setattr(handler, "receive_data_chunk", counted)
    return sizes


def send_file_to(path: str):
    """Send a file as somebody who isn't signed in, with only the cookie that everybody gets."""
    anybody = Client(enforce_csrf_checks=True)
    anybody.get("/account/login/")
    return anybody.post(path, {"x": file("x", bytes(MEBIBYTE))})


@pytest.mark.parametrize("path", ["/account/login/", "/orders/A-1/uploads/", "/admin/login/"])
def test_pages_without_files_keep_nothing_of_one(stored_sizes, path):
    assert send_file_to(path).status_code == 403
    assert stored_sizes == []


def test_with_the_usual_handlers_anybody_could_fill_the_disk(stored_sizes, settings):
    settings.FILE_UPLOAD_HANDLERS = global_settings.FILE_UPLOAD_HANDLERS

    assert send_file_to("/account/login/").status_code == 403
    assert sum(stored_sizes) >= MEBIBYTE
