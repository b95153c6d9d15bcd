from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import boto3
import pytest
from botocore.loaders import JSONFileLoader
from moto.server import ThreadedMotoServer

from claims import storage
from config import s3
from config.environment.storage import store, store_origin
from config.settings import env

REGION = "us-east-1"
BUCKET = "evidence"


@dataclass
class InBucket:
    """The place of one test's files in a bucket, as the S3 client sees it."""

    client: Any
    name: str
    prefix: str

    def head(self, name: str, place: str = "evidence") -> dict[str, Any]:
        key = f"{self.prefix}/{place}/{name}"
        found: dict[str, Any] = self.client.head_object(Bucket=self.name, Key=key)
        return found

    def keys(self) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.name, Prefix=f"{self.prefix}/"
        )
        return [found["Key"] for page in pages for found in page.get("Contents", [])]


@pytest.fixture(scope="session")
def known_services() -> Iterator[None]:
    """Read S3's service description once, not once for each client: it is a large file."""
    with pytest.MonkeyPatch.context() as patch:
        load_once = cache(JSONFileLoader().load_file)
        patch.setattr(JSONFileLoader, "load_file", lambda self, path: load_once(path))
        yield


@pytest.fixture(scope="session")
def s3_server(known_services: None) -> Iterator[str]:
    """Yield the URL of an S3 server on the loopback address, with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    boto3.client(
        "s3",
        endpoint_url=address,
        region_name=REGION,
        aws_access_key_id="made-up",
        aws_secret_access_key="made-up",
    ).create_bucket(Bucket=BUCKET)
    yield address
    server.stop()


@pytest.fixture
def bucket(s3_server: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[InBucket]:
    """Set up spool and store on moto's server, as STORAGE_URL does."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "made-up")
    query = urlencode({"endpoint_url": s3_server, "region_name": REGION})
    yield from in_bucket(f"s3://{BUCKET}?{query}", settings, monkeypatch)


def in_bucket(url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[InBucket]:
    """Set up spool and store in this bucket under a prefix of their own, emptied afterwards."""
    monkeypatch.setenv("STORAGE_URL", url)
    prefix = f"test-{uuid4().hex}"
    places = {
        place: store(env, "STORAGE_URL", folder=Path(place)) for place in ("spool", "evidence")
    }
    for place, config in places.items():
        config["OPTIONS"]["location"] = f"{prefix}/{place}"
    settings.STORAGES = settings.STORAGES | places
    settings.STORE_ORIGIN = store_origin(env, "STORAGE_URL")
    kept: Any = storage.store()
    found = InBucket(kept.connection.meta.client, kept.bucket_name, prefix)
    yield found
    for key in found.keys():  # noqa: SIM118  # no dictionary
        found.client.delete_object(Bucket=found.name, Key=key)


@pytest.fixture
def move_bucket(
    bucket: InBucket, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], None]:
    """Return a function that looks for the bucket at another port, with one try for each call."""
    monkeypatch.setattr(s3, "TRIES", 1)

    def move(port: int) -> None:
        for place in ("spool", "evidence"):
            settings.STORAGES[place]["OPTIONS"]["endpoint_url"] = f"http://127.0.0.1:{port}"
        settings.STORAGES = dict(settings.STORAGES)

    return move


BUCKETS = ["S3"] + (["TEST_STORAGE_URL"] if os.getenv("TEST_STORAGE_URL") else [])


@pytest.fixture(params=BUCKETS)
def any_bucket(request: pytest.FixtureRequest) -> InBucket:
    """Return each bucket in turn; `TEST_STORAGE_URL`, if it is set, names the last one."""
    return _bucket_of(request)


@pytest.fixture(params=["local folder", *BUCKETS])
def either(request: pytest.FixtureRequest) -> None:
    """Set up each store in turn."""
    if request.param != "local folder":
        _bucket_of(request)


def _bucket_of(request: pytest.FixtureRequest) -> InBucket:
    named = "bucket" if request.param == "S3" else "named_bucket"
    found: InBucket = request.getfixturevalue(named)
    return found


@pytest.fixture
def named_bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[InBucket]:
    yield from in_bucket(os.environ["TEST_STORAGE_URL"], settings, monkeypatch)
