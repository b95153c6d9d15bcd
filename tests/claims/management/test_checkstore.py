from __future__ import annotations

from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.utils import timezone

from claims import storage
from claims.actions.uploads import pieces
from claims.models import Piece, Rendition
from tests.failing import DOWN, failing, use_failing
from tests.makers import make_order, make_sent, make_upload
from tests.media import make_screenshot


@pytest.fixture
def kept(either, ann, run_jobs) -> None:
    """Store two renditions, and a piece in the spool."""
    make_upload(make_order(ann, completed=True), content=make_screenshot())
    run_jobs()
    make_upload(make_order(ann), content=b"still to be inspected")


def check(*arguments: str) -> tuple[str, list[str]]:
    """Return the command's last line, and the lines before."""
    said, complained = StringIO(), StringIO()
    end = ""
    try:
        call_command("checkstore", *arguments, stdout=said, stderr=complained, no_color=True)
    except CommandError as error:
        end = str(error)  # exits with 1
    return end or said.getvalue().strip(), complained.getvalue().splitlines()


def overwrite(place, name: str, content: bytes) -> None:
    place.delete(name)
    assert place.save(name, ContentFile(content)) == name


def test_rows_and_files_that_agree(kept):
    agreed = "Rows and files agree: 1 files in the spool, 2 files in the evidence."

    assert check() == (agreed, [])
    assert check("--fast") == (agreed, [])


def test_a_missing_rendition_is_told(kept):
    rendition = Rendition.objects.get(role="picture")
    storage.store().delete(rendition.name)

    end, lines = check()

    assert end == "Rows and files differ: 1 missing."
    assert lines[0] == f"missing: evidence {rendition.name} (rendition {rendition.pk})"
    assert lines[1].startswith("missing: restore the file from a backup")


def test_a_missing_piece_is_told(kept):
    piece = Piece.objects.get()
    storage.spool().delete(piece.name)

    assert check()[1][0] == f"missing: spool {piece.name} (piece {piece.pk})"


def test_a_file_without_a_row_is_told_once_it_is_past_its_grace(kept):
    name = storage.put_in_spool(ContentFile(b"nobody's"), size=8)

    assert check()[1] == []
    end, lines = check("--grace", "-1")

    assert end == "Rows and files differ: 1 left over."
    assert lines[0] == f"left over: spool {name}"
    assert "hourly sweep" in lines[1]


def test_a_file_beside_the_folders_is_told(kept):
    storage.store().save("notes.txt", ContentFile(b"who put this here?"))

    assert check("--grace", "-1")[1][0] == "left over: evidence notes.txt"


def test_a_byte_that_was_changed_is_told_by_its_hash(kept):
    rendition = Rendition.objects.get(role="picture")
    with storage.store().open(rendition.name) as file:
        content = bytearray(file.read())
    content[-1] ^= 1
    overwrite(storage.store(), rendition.name, bytes(content))

    end, lines = check()

    assert end == "Rows and files differ: 1 changed."
    told = f"changed: evidence {rendition.name} (rendition {rendition.pk}: another SHA-256)"
    assert lines[0] == told
    assert check("--fast")[1] == []


def flip_a_bit(name: str) -> None:
    with storage.spool().open(name) as file:
        content = bytearray(file.read())
    content[-1] ^= 1
    overwrite(storage.spool(), name, bytes(content))


def test_a_byte_of_a_piece_that_was_changed_is_told_by_its_hash(kept):
    piece = Piece.objects.get()
    flip_a_bit(piece.name)

    told = f"changed: spool {piece.name} (piece {piece.pk}: another SHA-256)"
    assert check()[1][0] == told
    assert check("--fast")[1] == []


def test_so_is_one_of_a_piece_that_came_by_itself(either, ann):
    upload = pieces.begin_upload(
        order=make_order(ann), by=ann, name="a.png", size=10_000, now=timezone.now()
    )
    content = make_screenshot()
    for offset, part in ((0, content[:4000]), (4000, content[4000:5000])):
        sent = make_sent(part, offset)
        upload = pieces.keep_piece(upload=upload, by=ann, sent=sent, now=timezone.now())
    agreed = check()
    flip_a_bit(upload.spooled()[1])

    assert agreed[1] == []
    assert "another SHA-256" in check()[1][0]


def test_a_piece_that_came_before_hashes_is_compared_by_its_size(kept):
    Piece.objects.update(sha256="")
    flip_a_bit(Piece.objects.get().name)

    assert check()[1] == []


def test_another_size_is_told_without_reading_the_file(kept):
    piece = Piece.objects.get()
    overwrite(storage.spool(), piece.name, b"short")

    line = check("--fast")[1][0]

    assert line == f"changed: spool {piece.name} (piece {piece.pk}: 5 bytes, not {piece.size})"


def test_every_sort_is_told_with_what_to_do(kept):
    storage.store().delete(Rendition.objects.get(role="picture").name)
    overwrite(storage.spool(), Piece.objects.get().name, b"short")
    storage.put_in_spool(ContentFile(b"nobody's"), size=8)

    end, lines = check("--grace", "-1")

    assert end == "Rows and files differ: 1 changed, 1 left over, 1 missing."
    assert len(lines) == 6


def test_a_row_that_goes_meanwhile_is_no_finding(kept, monkeypatch):
    """A sweep deletes the row before the file: to the check, which read the row before, the file
    seems missing.
    """
    rows = Rendition.objects.filter(role="picture")
    name = rows.get().name
    names_in = storage.names_in

    def removed_meanwhile(place, folder):
        if folder == name[:2] and rows.exists():
            rows.delete()
            storage.store().delete(name)
        return names_in(place, folder)

    monkeypatch.setattr(storage, "names_in", removed_meanwhile)

    assert check()[1] == []


def test_a_store_that_is_down_is_no_result(db, settings):
    use_failing(settings, "spool")

    with failing(listdir=DOWN):
        end, _ = check()

    assert end.startswith("The store can't be read, so the check is incomplete")
