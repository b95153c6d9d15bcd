"""The spool and the store behave the same on a local folder and on S3 over HTTP."""

import io
from pathlib import Path
from urllib.parse import urlencode

import boto3
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from moto.server import ThreadedMotoServer

from claims import storage
from config import settings as project_settings

CONTENT = bytes(range(256)) * 4096


@pytest.fixture(scope="module")
def s3_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server, settings, monkeypatch):
    """Spool and store in a bucket, as STORAGE_URL sets them up."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    query = urlencode({"endpoint_url": s3_server, "region_name": "us-east-1"})
    monkeypatch.setenv("STORAGE_URL", f"s3://evidence?{query}")
    client = boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1")
    client.create_bucket(Bucket="evidence")
    settings.STORAGES = settings.STORAGES | {
        "spool": project_settings._store("spool"),
        "evidence": project_settings._store("evidence"),
    }
    yield client
    for found in client.list_objects_v2(Bucket="evidence").get("Contents", []):
        client.delete_object(Bucket="evidence", Key=found["Key"])
    client.delete_bucket(Bucket="evidence")


@pytest.fixture(params=["local folder", "S3"])
def either(request):
    if request.param == "S3":
        request.getfixturevalue("bucket")


def put(path: Path) -> str:
    path.write_bytes(CONTENT)
    return storage.put_in_store(path)


def test_what_was_kept_is_read_again_from_any_point(either, tmp_path):
    name = put(tmp_path / "picture.webp")

    with storage.store().open(name) as kept:
        kept.seek(1000)
        assert kept.read(300) == CONTENT[1000:1300]
    assert name.endswith(".webp")
    assert storage.store().size(name) == len(CONTENT)


def test_names_are_unguessable_and_never_used_twice(either, tmp_path):
    names = {put(tmp_path / "picture.webp") for _ in range(5)}

    assert len(names) == 5
    assert all(len(Path(name).stem) == 32 for name in names)


def test_a_spooled_file_is_worked_on_as_a_local_copy(either):
    name = storage.put_in_spool(ContentFile(CONTENT), size=len(CONTENT))

    with storage.out_of_spool([name]) as copy:
        assert copy.read_bytes() == CONTENT
        assert copy.name == "input"
    assert not copy.exists()


def test_what_is_deleted_is_gone_and_may_be_deleted_again(either, tmp_path):
    name = put(tmp_path / "picture.webp")

    for _ in range(2):
        storage.delete_all(storage.store(), [name, ""])

    assert not storage.store().exists(name)


def test_a_file_in_the_bucket_is_for_nobody_without_the_key(bucket, s3_server, tmp_path):
    name = put(tmp_path / "picture.webp")

    grants = bucket.get_object_acl(Bucket="evidence", Key=f"evidence/{name}")["Grants"]

    assert all("URI" not in grant["Grantee"] for grant in grants)
    assert "AllUsers" not in str(grants)


def test_spool_and_store_are_apart(bucket, tmp_path):
    put(tmp_path / "picture.webp")
    storage.put_in_spool(ContentFile(b"raw"), size=3)

    keys = [found["Key"] for found in bucket.list_objects_v2(Bucket="evidence")["Contents"]]
    body = io.BytesIO()
    bucket.download_fileobj("evidence", keys[1], body)

    assert [key.partition("/")[0] for key in sorted(keys)] == ["evidence", "spool"]
    assert body.getvalue() == b"raw"


def test_a_url_that_names_no_bucket_is_refused(monkeypatch):
    monkeypatch.setenv("STORAGE_URL", "ftp://somewhere")

    with pytest.raises(ImproperlyConfigured, match="STORAGE_URL must name an S3 bucket"):
        project_settings._store("spool")
