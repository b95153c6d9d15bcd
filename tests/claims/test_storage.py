"""The spool and the store behave the same on a local folder and on S3 over HTTP."""

from __future__ import annotations

import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from claims import storage

CONTENT = bytes(range(256)) * 4096


def put(path: Path, content: bytes = CONTENT) -> str:
    path.write_bytes(content)
    return storage.put_in_store(path)


def test_what_was_kept_is_read_again_from_any_point(either, tmp_path):
    name = put(tmp_path / "picture.webp")

    with storage.store().open(name) as kept:
        kept.seek(1000)
        assert kept.read(300) == CONTENT[1000:1300]
        kept.seek(0)
        assert kept.read() == CONTENT
    assert name.endswith(".webp")
    assert storage.store().size(name) == len(CONTENT)


def test_names_are_unguessable_and_never_used_twice(either, tmp_path):
    names = {put(tmp_path / "picture.webp") for _ in range(5)}

    assert len(names) == 5
    for name in names:
        assert re.fullmatch(r"([0-9a-f]{2})/\1[0-9a-f]{30}\.webp", name)


def test_a_name_that_is_taken_is_never_overwritten(either):
    first = storage.store().save("ab/same.webp", ContentFile(b"first"))
    second = storage.store().save("ab/same.webp", ContentFile(b"second"))

    assert first != second
    with storage.store().open(first) as kept:
        assert kept.read() == b"first"


def test_a_spooled_file_is_worked_on_as_a_local_copy(either):
    pieces = [CONTENT[:1000], CONTENT[1000:1001], CONTENT[1001:]]
    names = [storage.put_in_spool(ContentFile(piece), size=len(piece)) for piece in pieces]

    with storage.out_of_spool(names) as copy:
        assert copy.read_bytes() == CONTENT
        assert copy.name == "input"
    assert not copy.exists()


def test_what_is_deleted_is_gone_and_may_be_deleted_again(either, tmp_path):
    name = put(tmp_path / "picture.webp")

    for _ in range(2):
        storage.delete_all(storage.store(), [name, ""])

    assert not storage.store().exists(name)
    assert storage.modified_at(storage.store(), name) is None
    with pytest.raises(FileNotFoundError):
        storage.store().open(name)
    with pytest.raises(FileNotFoundError):
        storage.store().size(name)


def test_a_store_tells_its_folders_and_what_is_in_each(either, tmp_path):
    names = {put(tmp_path / "picture.webp") for _ in range(8)}
    storage.store().save("beside.webp", ContentFile(b"in no folder"))

    folders = storage.folders(storage.store())
    found = {name for folder in folders for name in storage.names_in(storage.store(), folder)}

    assert folders == ["", *sorted({name[:2] for name in names})]
    assert found == {*names, "beside.webp"}


def test_an_empty_store_has_no_files(either):
    found = [storage.names_in(storage.store(), folder) for folder in ("", "ab")]

    assert found == [[], []]
    assert set(storage.folders(storage.store())) <= {""}


def test_a_store_tells_when_it_kept_a_file(either, tmp_path):
    name = put(tmp_path / "picture.webp")

    kept_at = storage.modified_at(storage.store(), name)

    assert kept_at is not None
    assert abs(timezone.now() - kept_at) < timedelta(minutes=5)


def test_a_store_that_kept_less_than_it_was_given_is_not_believed(either):
    with pytest.raises(storage.StoreUnavailable, match=f"kept {len(CONTENT)} of 9999999 bytes"):
        storage.put_in_spool(ContentFile(CONTENT), size=9_999_999)

    folders = storage.folders(storage.spool())
    assert [storage.names_in(storage.spool(), folder) for folder in folders if folder] in (
        [],
        [[]],
    )


def test_spool_and_store_are_apart(either, tmp_path):
    rendition = put(tmp_path / "picture.webp")
    raw = storage.put_in_spool(ContentFile(b"raw"), size=3)

    assert not storage.spool().exists(rendition)
    assert not storage.store().exists(raw)


def test_files_in_a_folder_are_for_the_portal_alone(tmp_path):
    name = Path(tmp_path / "evidence", put(tmp_path / "picture.webp"))

    assert stat.S_IMODE(name.stat().st_mode) == 0o600
    assert stat.S_IMODE(name.parent.stat().st_mode) == 0o700


def test_a_working_folder_is_empty_and_gone_afterwards():
    with storage.working_folder() as folder:
        assert list(folder.iterdir()) == []
        (folder / "something").write_bytes(b"made")

    assert not folder.exists()
