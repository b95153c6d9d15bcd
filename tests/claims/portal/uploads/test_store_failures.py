"""The customer's view when the store is down, slow or keeps too little, or the disk is full."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from moto.server import ThreadedMotoServer

from claims import storage
from claims.models import Piece, Upload
from claims.portal.uploads import piece_bodies, store_failures
from tests.claims.portal.uploads.tus import begin, patch, spooled, spooled_bytes
from tests.failing import STORE_ERRORS, FailingStorage, failing, truncating, use_failing
from tests.makers import REASON, make_claim, make_order, make_upload
from tests.media import make_screenshot

STATUSES = {"full": 507, "down": 503, "slow": 503}


@pytest.fixture(autouse=True)
def may_fail(settings):
    use_failing(settings, "spool", "evidence")
    FailingStorage.calls.clear()


def picture(name: str = "proof.png", text: str = "Not delivered") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make_screenshot(text), content_type="image/png")


@pytest.mark.parametrize("trouble", STORE_ERRORS)
def test_the_claim_form_keeps_what_was_typed(ann, send, trouble):
    order = make_order(ann, completed=True)

    with failing(save=STORE_ERRORS[trouble]):
        page = send(order, files=[picture()])

    assert page.status_code == STATUSES[trouble]
    assert page["Retry-After"] == "60"
    assert REASON in page.content.decode()
    (problem,) = page.context["file_problems"]
    assert problem.startswith("proof.png: our file store")
    assert "choose the file again" in problem
    assert (Upload.objects.count(), Piece.objects.count(), spooled()) == (0, 0, [])


def test_the_same_form_works_when_the_store_is_back(ann, send):
    order = make_order(ann, completed=True)
    with failing(save=STORE_ERRORS["down"]):
        send(order, files=[picture()])

    page = send(order, files=[picture()])

    assert page.status_code == 200
    assert Upload.objects.get().original_name == "proof.png"
    assert spooled() == [Piece.objects.get().name]


def test_a_store_that_keeps_too_little_is_no_store(ann, send):
    with truncating():
        page = send(make_order(ann, completed=True), files=[picture()])

    assert page.status_code == 503
    assert (Upload.objects.count(), spooled()) == (0, [])


def test_a_store_that_is_down_is_asked_once_a_form(ann, send):
    files = [picture(f"{number}.png", f"File {number}") for number in range(4)]

    with failing(save=STORE_ERRORS["down"]):
        page = send(make_order(ann, completed=True), files=files)

    assert FailingStorage.calls.count("save") == 1
    assert len(page.context["file_problems"]) == 4


def test_the_answer_form_keeps_what_was_typed(ann, ann_client):
    claim = make_claim(make_order(ann))
    data = {"step": "send", "message": "Here it is, as you asked.", "files": [picture()]}

    with failing(save=STORE_ERRORS["down"]):
        page = ann_client.post(f"/claims/{claim.code}/evidence/", data)

    assert page.status_code == 503
    assert "Here it is, as you asked." in page.content.decode()
    assert not Upload.objects.exists()


@pytest.fixture
def small_disk(monkeypatch):
    """Return a function that limits the bytes of streamed files; writing and closing fail beyond
    that.
    """

    def fill(room: int) -> None:
        left = [room]

        def write_some(self, data):
            left[0] -= len(data)
            if left[0] < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            return self.file.write(data)

        monkeypatch.setattr(TemporaryUploadedFile, "write", write_some, raising=False)

    return fill


def test_a_disk_that_is_full_while_a_form_streams_in_keeps_the_words_and_the_other_files(
    ann, send, small_disk, settings
):
    first, second = picture("first.png"), picture("second.png", "x" * 40)
    small_disk(first.size + second.size // 2)

    page = send(make_order(ann, completed=True), files=[first, second])

    assert page.status_code == 507
    assert REASON in page.content.decode()
    assert [tile.upload.original_name for tile in page.context["tiles"]] == ["first.png"]
    assert page.context["file_problems"] == [
        store_failures.problem_of("second.png", storage.StoreFull())
    ]
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []


def test_a_disk_that_is_full_while_a_piece_streams_in_changes_nothing(
    ann, ann_client, small_disk, settings, monkeypatch
):
    monkeypatch.setattr(piece_bodies, "CHUNK", 400)
    content = make_screenshot()
    address = begin(ann_client, make_order(ann, completed=True), len(content))
    small_disk(1000)
    patch(ann_client, address, content[:1000])
    before = spooled()

    small_disk(500)
    answer = patch(ann_client, address, content[1000:], 1000)

    upload = Upload.objects.get()
    assert (answer.status_code, answer["Retry-After"]) == (507, "3600")
    assert (upload.received, upload.state, Piece.objects.count()) == (1000, "receiving", 1)
    assert spooled() == before
    assert list(Path(settings.FILE_UPLOAD_TEMP_DIR).iterdir()) == []
    small_disk(len(content))
    assert patch(ann_client, address, content[1000:], 1000).status_code == 204
    assert spooled_bytes(upload) == content


def test_a_bucket_whose_server_is_down_is_a_503_and_keeps_what_was_there(
    ann, ann_client, send, move_bucket
):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    move_bucket(server.get_host_and_port()[1])
    content = make_screenshot()
    order = make_order(ann, completed=True)
    address = begin(ann_client, order, len(content))
    patch(ann_client, address, content[:1000])
    server.stop()

    page = send(order, files=[picture()])
    piece = patch(ann_client, address, content[1000:], 1000)

    assert (page.status_code, page["Retry-After"]) == (503, "60")
    assert REASON in page.content.decode()
    assert (piece.status_code, piece["Retry-After"]) == (503, "30")
    upload = Upload.objects.get()
    assert (upload.received, upload.state) == (1000, "receiving")


def test_a_temporary_folder_that_is_gone_keeps_the_words(ann, send, settings):
    Path(settings.FILE_UPLOAD_TEMP_DIR).rmdir()

    page = send(make_order(ann, completed=True), files=[picture()])

    assert page.status_code == 503
    assert REASON in page.content.decode()


@pytest.fixture
def accepted(ann, run_jobs):
    upload = make_upload(make_order(ann, completed=True), content=make_screenshot())
    run_jobs()
    return upload


@pytest.mark.parametrize("trouble", STORE_ERRORS)
def test_evidence_that_cannot_be_read_is_a_plain_503_for_a_picture(accepted, ann_client, trouble):
    with failing(open=STORE_ERRORS[trouble]):
        response = ann_client.get(
            f"/evidence/{accepted.token}/picture/", headers={"accept": "image/*"}
        )

    assert response.status_code == STATUSES[trouble]
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert (response["Retry-After"], response["Cache-Control"]) == ("60", "no-store")


def test_evidence_that_cannot_be_read_is_a_page_for_a_person(accepted, ann_client):
    with failing(open=STORE_ERRORS["down"]):
        response = ann_client.get(
            f"/evidence/{accepted.token}/picture/", headers={"accept": "text/html,*/*"}
        )

    assert response.status_code == 503
    assert "Our file store can’t be reached" in response.content.decode()
    assert f'href="/evidence/{accepted.token}/picture/"' in response.content.decode()


@pytest.mark.parametrize("change", [lambda whole: whole[:-1], lambda whole: whole + b"!"])
@pytest.mark.parametrize("wanted", ["", "bytes=0-9"])
def test_evidence_of_another_size_than_was_kept_is_a_503(accepted, ann_client, change, wanted):
    kept = Path(storage.store().path(accepted.renditions.get(role="picture").name))
    kept.write_bytes(change(kept.read_bytes()))
    address = f"/evidence/{accepted.token}/picture/"

    response = ann_client.get(address, headers={"accept": "image/*", "range": wanted})

    assert response.status_code == 503
    assert not response.streaming
    assert response.content.decode() == f"{store_failures.PLAIN[503]}\n"
    assert kept not in {Path(link).resolve() for link in open_files()}


def open_files() -> list[Path]:
    """Return the files that this process holds open, where the system can tell."""
    links = Path("/proc/self/fd")
    return [link for link in links.iterdir() if link.exists()] if links.is_dir() else []


def test_any_other_error_is_not_taken_for_the_store_s(rf):
    middleware = store_failures.StoreFailureMiddleware(lambda request: pytest.fail("not asked"))

    assert middleware.process_exception(rf.get("/"), ValueError()) is None


def test_removing_a_file_works_while_the_store_is_down(
    ann, send, django_capture_on_commit_callbacks
):
    order = make_order(ann, completed=True)
    upload = make_upload(order)

    with (
        failing(delete=STORE_ERRORS["down"]),
        django_capture_on_commit_callbacks(execute=True),
    ):
        page = send(order, step=f"remove:{upload.token}")

    upload.refresh_from_db()
    assert page.status_code == 200
    assert upload.state == "removed"
    assert len(spooled()) == 1  # until the next sweep
