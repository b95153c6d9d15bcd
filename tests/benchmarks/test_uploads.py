"""Twenty uploads at once: the memory of the web server, and their time against a bare loop."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from django.test import Client

from accounts.models import User
from claims.models import Upload
from tests.claims.portal.uploads.tus import PIECE_TYPE, TUS
from tests.makers import make_order, make_user
from tests.media import make_screenshot, make_video
from tests.processes import WebServer, serving, web

TOGETHER = 20
MEBIBYTE = 1024 * 1024
SIZE = 50 * MEBIBYTE
ROUNDS = 3
WORKERS, THREADS = 2, 16
"""The numbers with which `make run` starts the web server on two cores."""
MOST_GROWTH = 30
"""MiB of memory, of all processes of the web server together."""
LEAST_RATIO = 0.5
CSRF = "c" * 32

pytestmark = pytest.mark.benchmark


def test_twenty_uploads_of_50_mb_at_once(real_commits, tmp_path):
    people = [make_user(f"customer{at}@example.com") for at in range(TOGETHER)]
    headers = [signed_in(person) for person in people]
    content = make_video().ljust(SIZE, b"\0")
    bare_folder = tmp_path / "bare"
    bare_folder.mkdir()
    options = {"workers": WORKERS, "threads": THREADS}
    ours, bare = [], []
    with (
        web(tmp_path, **options) as server,
        serving("tests.benchmarks.bare_writer:application", bare_folder, **options) as writer,
    ):
        warm_up(server, people, headers)
        before = memory_of(server)
        with watching(server) as seen:
            for _ in range(ROUNDS):
                bare.append(seconds_of(content, [f"{writer.url}/"] * TOGETHER, headers))
                clear(bare_folder)
                addresses = [begin(server, *one) for one in zip(people, headers, strict=True)]
                ours.append(seconds_of(content, addresses, headers))
                clear(tmp_path / "spool")
    whole = Upload.objects.filter(state=Upload.State.WAITING, size=SIZE)
    assert whole.count() == TOGETHER * ROUNDS
    report(ours, bare, before=before, most=max(seen))
    assert max(seen) - before < MOST_GROWTH
    assert min(bare) / min(ours) >= LEAST_RATIO


def report(ours: Sequence[float], bare: Sequence[float], *, before: float, most: float) -> None:
    total = TOGETHER * SIZE / MEBIBYTE
    print(
        f"\n{TOGETHER} uploads of {SIZE // MEBIBYTE} MiB at once: {total / min(ours):,.0f} MiB/s,"
        f" bare loop {total / min(bare):,.0f} MiB/s, ratio {min(bare) / min(ours):.2f};"
        f" web server {before:.0f} MiB before, at most {most - before:.1f} MiB more meanwhile"
    )


def signed_in(person: User) -> dict[str, str]:
    client = Client()
    client.force_login(person)
    session = client.cookies["sessionid"].value
    return {"Cookie": f"sessionid={session}; csrftoken={CSRF}", "X-CSRFToken": CSRF}


def warm_up(server: WebServer, people: Sequence[User], headers: Sequence[dict[str, str]]) -> None:
    """Have everybody send a picture at once, as on a server that has run for a while."""
    small = make_screenshot()
    for _ in range(2):
        addresses = [begin(server, *one, len(small)) for one in zip(people, headers, strict=True)]
        seconds_of(small, addresses, headers)


def begin(server: WebServer, person: User, headers: dict[str, str], size: int = SIZE) -> str:
    """Return the address of a new upload."""
    order = make_order(person, sms=True)
    answer = requests.post(
        f"{server.url}/orders/{order.shop_id}/uploads/",
        headers=TUS | headers | {"Upload-Length": str(size)},
        timeout=60,
    )
    assert answer.status_code == 201, answer.text
    return server.url + answer.headers["Location"]


def seconds_of(
    content: bytes, addresses: Sequence[str], headers: Sequence[dict[str, str]]
) -> float:
    """Return the seconds that it takes to send the same file to all addresses at once."""
    began = time.perf_counter()
    with ThreadPoolExecutor(TOGETHER) as pool:
        statuses = list(pool.map(partial(send, content), addresses, headers))
    assert set(statuses) == {204}
    return time.perf_counter() - began


def send(content: bytes, address: str, headers: dict[str, str]) -> int:
    url = urlsplit(address)
    connection = HTTPConnection(url.hostname or "", url.port, timeout=600)
    told = TUS | headers | {"Upload-Offset": "0", "Content-Type": PIECE_TYPE}
    connection.request("PATCH", url.path, body=content, headers=told)
    status = connection.getresponse().status
    connection.close()
    return status


def clear(folder: Path) -> None:
    """Delete the files, so that each round starts with the same cache of the disk."""
    for file in folder.rglob("*"):
        if file.is_file() and file.suffix != ".log":
            file.unlink()


@contextmanager
def watching(server: WebServer) -> Iterator[list[float]]:
    """Yield the values of `memory_of`, read twenty times a second."""
    seen: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            seen.append(memory_of(server))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        done.set()
        watcher.join()


def memory_of(server: WebServer) -> float:
    """Return the resident memory of the server and its workers, in MiB."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    return sum(resident(pid) for pid in (str(server.pid), *children))


def resident(pid: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0
