"""The further requirements on a bucket: encryption, privacy, time limits, links that expire."""

from __future__ import annotations

import os
import socket
import urllib.request
from pathlib import Path
from select import select
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from claims import storage
from config import s3
from config.environment.buckets import read_bucket
from config.environment.storage import store
from config.s3 import PrivateS3Storage
from config.settings import env
from tests.processes import PATIENCE

MEBIBYTE = 1024 * 1024


def put(content: bytes = b"webp") -> str:
    return str(storage.store().save(storage.new_name(".webp"), ContentFile(content)))


@pytest.fixture
def set_up(bucket, settings):
    """Use the store with other options."""

    def use(**options):
        config = settings.STORAGES["evidence"]
        settings.STORAGES = settings.STORAGES | {
            "evidence": config | {"OPTIONS": config["OPTIONS"] | options}
        }

    return use


def test_every_file_is_put_with_the_encryption_header(any_bucket):
    said = storages["evidence"].object_parameters.get("ServerSideEncryption")
    name = storage.put_in_spool(ContentFile(b"raw"), size=3)

    assert said or "sse=off" in os.environ["STORAGE_URL"]
    for head in (any_bucket.head(put()), any_bucket.head(name, "spool")):
        assert not said or head["ServerSideEncryption"] == said


@pytest.mark.parametrize(
    ("said", "header"), [("aws:kms", {"ServerSideEncryption": "aws:kms"}), ("off", {})]
)
def test_the_encryption_header_is_what_the_url_says(bucket, set_up, said, header):
    read = read_bucket(f"s3://evidence?region_name=x&sse={said}")
    set_up(object_parameters=read.options("evidence")["object_parameters"])

    asked = []
    storages["evidence"].connection.meta.client.meta.events.register(
        "before-call.s3.PutObject", lambda params, **_: asked.append(params["headers"])
    )
    name = put()

    sent = {k: v for k, v in asked[0].items() if "encryption" in k.lower()}
    assert sent == ({"x-amz-server-side-encryption": said} if header else {})
    assert bucket.head(name).get("ServerSideEncryption") in {"AES256", said, None}


def test_a_file_in_the_bucket_is_for_nobody_without_the_key(bucket):
    key = f"{bucket.prefix}/evidence/{put()}"

    grants = bucket.client.get_object_acl(Bucket=bucket.name, Key=key)["Grants"]

    assert all("URI" not in grant["Grantee"] for grant in grants)
    assert "AllUsers" not in str(grants)


def test_a_large_file_is_put_in_one_request(any_bucket):
    """If sending in several requests breaks off, some parts may stay behind, and no row would name
    them.
    """
    name = put(bytes(9 * MEBIBYTE))

    assert "-" not in any_bucket.head(name)["ETag"]
    assert any_bucket.head(name)["ContentLength"] == 9 * MEBIBYTE


def test_a_link_shows_the_file_as_what_we_made_and_nothing_else(any_bucket):
    name = put(b"<script>alert(1)</script>")

    link = storage.signed_link(name, media_type="image/webp")
    with urllib.request.urlopen(link, timeout=PATIENCE) as answer:
        body, headers = answer.read(), answer.headers

    assert body == b"<script>alert(1)</script>"
    assert headers["Content-Type"] == "image/webp"
    assert headers["Content-Disposition"] == 'inline; filename="evidence.webp"'
    assert headers["Cache-Control"] == "private, no-store"
    assert parse_qs(urlsplit(link).query)["X-Amz-Expires"] == ["300"]


ADDRESSES = [
    "endpoint_url=https://s3.example.com&region_name=eu-1",
    "endpoint_url=https://s3.example.com:9000/base&region_name=eu-1",
    "endpoint_url=https://s3.example.com&region_name=eu-1&addressing_style=virtual",
    "endpoint_url=http://127.0.0.1:9000&region_name=eu-1",
    "region_name=eu-central-1",
    "region_name=eu-central-1&addressing_style=path",
    "region_name=us-east-1",
]


@pytest.mark.parametrize("name", ["evidence", "evidence.of.claims"])
@pytest.mark.parametrize("query", ADDRESSES)
def test_the_policy_of_pages_names_the_very_origin_of_the_links(query, name, monkeypatch):
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "made-up")
    bucket = read_bucket(f"s3://{name}?{query}")

    link = urlsplit(PrivateS3Storage(**bucket.options("evidence")).url("aa/aa.webp"))

    assert f"{link.scheme}://{link.netloc}" == bucket.origin


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://somewhere", "STORAGE_URL must name an S3 bucket"),
        ("s3://", "STORAGE_URL must name an S3 bucket"),
        ("s3://bucket", "must say endpoint_url or region_name"),
        ("s3://bucket?endpoint_url=s3.example.com", "endpoint_url must begin with https://"),
        ("s3://bucket?region_name=x&sse=none", "sse must be one of AES256, aws:kms, off"),
        ("s3://bucket?region_name=x&acl=public-read", "acl must be one of off, private"),
        ("s3://bucket?region_name=x&querystring_auth=0", "querystring_auth is none of"),
    ],
)
def test_a_url_that_says_something_else_is_refused(monkeypatch, url, message):
    monkeypatch.setenv("STORAGE_URL", url)

    with pytest.raises(ImproperlyConfigured, match=message):
        store(env, "STORAGE_URL", folder=Path("spool"))


def test_a_client_has_time_limits_and_few_tries(any_bucket):
    config = storages["evidence"].connection.meta.client.meta.config

    assert (config.connect_timeout, config.read_timeout) == (5, 30)
    assert config.retries["total_max_attempts"] == 2


CALLS = {
    "put": lambda: storage.put_in_spool(ContentFile(b"raw"), size=3),
    "delete": lambda: storage.delete_all(storage.spool(), ["ab/cd"]),
    "list": lambda: storage.folders(storage.spool()),
    "look": lambda: storage.modified_at(storage.spool(), "ab/cd"),
    "copy": lambda: storage.out_of_spool(["ab/cd"]).__enter__(),
}


@pytest.mark.parametrize("call", CALLS)
def test_a_store_that_never_answers_is_unavailable_after_one_wait(move_bucket, monkeypatch, call):
    monkeypatch.setattr(s3, "READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        move_bucket(silent.getsockname()[1])
        with pytest.raises(storage.StoreUnavailable):
            CALLS[call]()
        assert connections_to(silent) == 1


def connections_to(server: socket.socket) -> int:
    found = 0
    while select([server], [], [], 0)[0]:
        server.accept()[0].close()
        found += 1
    return found


@pytest.mark.parametrize("call", CALLS)
def test_a_store_that_refuses_connections_is_unavailable(move_bucket, call):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    move_bucket(port)
    with pytest.raises(storage.StoreUnavailable):
        CALLS[call]()


def test_what_fails_while_the_server_is_away_works_when_it_is_back(move_bucket):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    move_bucket(port)
    before = storage.put_in_spool(ContentFile(b"before"), size=6)
    server.stop()
    with pytest.raises(storage.StoreUnavailable):
        storage.put_in_spool(ContentFile(b"meanwhile"), size=9)
    again = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    again.start()
    try:
        after = storage.put_in_spool(ContentFile(b" after"), size=6)
        with storage.out_of_spool([before, after]) as copy:
            assert copy.read_bytes() == b"before after"
    finally:
        again.stop()
