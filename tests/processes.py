"""The portal's real processes, on the database and the folders of one test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

from config.serve import WEB_BUFFER_BYTES


def database_url() -> str:
    """The URL of the database that the test is using now."""
    params = connection.get_connection_params()
    login = quote(params.get("user", ""))
    if params.get("password"):
        login += ":" + quote(params["password"])
    where = urlencode({"host": params["host"], "port": params.get("port", 5432)}, safe="/")
    return f"postgresql://{login}@/{params['dbname']}?{where}"


def environment(data_dir: Path, **changes: str) -> dict[str, str]:
    """What a process needs to work on this test's database and folders."""
    return os.environ | {"DATABASE_URL": database_url(), "DATA_DIR": str(data_dir)} | changes


@contextmanager
def worker(data_dir: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Procrastinate worker; its log is `worker.log` in the data folder."""
    with (
        (data_dir / "worker.log").open("wb") as log,
        running([sys.executable, "manage.py", "procrastinate", "worker"], data_dir, log) as process,
    ):
        yield process


@contextmanager
def web(data_dir: Path, *, workers: int = 1, threads: int = 8) -> Iterator[WebServer]:
    """The portal's web server; its log is in the data folder."""
    with serving(
        "config.wsgi:application", data_dir, workers=workers, threads=threads,
        path="/account/login/",
    ) as server:  # fmt: skip
        yield server


@dataclass(frozen=True)
class WebServer:
    url: str
    pid: int


@contextmanager
def serving(
    application: str, data_dir: Path, *, workers: int, threads: int, path: str = "/"
) -> Iterator[WebServer]:
    """A WSGI application in the web server that the portal runs in, once `path` answers."""
    port = free_port()
    url = f"http://localhost:{port}"
    command = [
        str(Path(sys.executable).with_name("granian")),
        "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws",
        "--workers", str(workers), "--blocking-threads", str(threads),
        "--http1-buffer-size", str(WEB_BUFFER_BYTES), application,
    ]  # fmt: skip
    changes = {"BASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    log_file = data_dir / f"web-{port}.log"
    with log_file.open("wb") as log, running(command, data_dir, log, **changes) as process:
        _wait_until_it_answers(url + path, log_file)
        yield WebServer(url=url, pid=process.pid)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(url: str, log_file: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"The web server does not answer:\n{log_file.read_text()}")


@contextmanager
def running(
    command: list[str], data_dir: Path, log: IO[bytes], **changes: str
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of ours, stopped at the end."""
    process = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=environment(data_dir, **changes),
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
