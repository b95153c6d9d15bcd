"""The portal's real processes, on the database and the folders of one test."""

from __future__ import annotations

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

from config.serve import WEB_BUFFER_BYTES, WEB_OUTLIVES
from tests.warm_parent import Process, warm_parent

PATIENCE = 180
"""Seconds until a test gives up on what it waits for. Only a failure takes so long: the machine may
be slow, and busy besides."""


def database_url() -> str:
    """Return the URL of the database that the test is using now, for the portal's own role."""
    params = connection.get_connection_params()
    app = settings.DATABASE_APP
    login = quote(app["USER"])
    if app["PASSWORD"]:
        login += ":" + quote(app["PASSWORD"])
    where = urlencode({"host": params["host"], "port": params.get("port", 5432)}, safe="/")
    return f"postgresql://{login}@/{params['dbname']}?{where}"


def environment(data_dir: Path, **changes: str) -> dict[str, str]:
    """Return the environment of a process on this test's database and folders."""
    database = {"DATABASE_URL": database_url(), "DATABASE_OWNER_URL": ""}
    return os.environ | database | {"DATA_DIR": str(data_dir)} | changes


@contextmanager
def worker(data_dir: Path, **changes: str) -> Iterator[Process]:
    """Run a worker on all queues; its log is `worker.log` in the data folder."""
    log = data_dir / "worker.log"
    with running(["manage.py", "work"], data_dir, log, **changes) as process:
        yield process


@contextmanager
def web(
    data_dir: Path, *, workers: int = 1, threads: int = 8, **changes: str
) -> Iterator[WebServer]:
    """Run the portal's web server; its log is in the data folder."""
    with serving(
        "config.wsgi:application", data_dir, workers=workers, threads=threads,
        path="/account/login/", **changes,
    ) as server:  # fmt: skip
        yield server


@dataclass(frozen=True)
class WebServer:
    url: str
    pid: int


@contextmanager
def serving(
    application: str, data_dir: Path, *, workers: int, threads: int, path: str = "/", **changes: str
) -> Iterator[WebServer]:
    """Run a WSGI application in the portal's web server, and yield once `path` answers."""
    port = free_port()
    url = f"http://localhost:{port}"
    arguments = [
        "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--no-ws", "--workers", str(workers), "--blocking-threads", str(threads),
        "--http1-buffer-size", str(WEB_BUFFER_BYTES), *WEB_OUTLIVES, application,
    ]  # fmt: skip
    log = data_dir / f"web-{port}.log"
    with running(arguments, data_dir, log, BASE_URL=url, **changes) as process:
        _wait_until_it_answers(url + path, log)
        yield WebServer(url=url, pid=process.pid)


def wait_until(condition: Callable[[], object], log: Path | None = None) -> None:
    """Wait until the condition holds; otherwise fail with the content of the log."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, log.read_text() if log else "It never happened."
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(url: str, log_file: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise AssertionError(f"The web server does not answer:\n{log_file.read_text()}")


@contextmanager
def running(arguments: list[str], data_dir: Path, log: Path, **changes: str) -> Iterator[Process]:
    """Run a process of ours, `python` with these arguments, and stop it at the end."""
    process = warm_parent().start(arguments, environment(data_dir, **changes), log)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
