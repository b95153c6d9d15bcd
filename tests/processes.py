"""The portal's real processes, on the database and the folders of one test."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

from config.serve import WEB_BUFFER_BYTES

PATIENCE = 180
"""Seconds until a test gives up on what it waits for. Only a failure takes so long: the machine may
be slow, and busy besides."""


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
def worker(data_dir: Path, **changes: str) -> Iterator[Process]:
    """A Procrastinate worker; its log is `worker.log` in the data folder."""
    log = data_dir / "worker.log"
    with running(["manage.py", "procrastinate", "worker"], data_dir, log, **changes) as process:
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
    arguments = [
        "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
        "--no-ws", "--workers", str(workers), "--blocking-threads", str(threads),
        "--http1-buffer-size", str(WEB_BUFFER_BYTES), application,
    ]  # fmt: skip
    log = data_dir / f"web-{port}.log"
    with running(arguments, data_dir, log, BASE_URL=url) as process:
        _wait_until_it_answers(url + path, log)
        yield WebServer(url=url, pid=process.pid)


def wait_until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "It never happened."
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
    """A process of ours, `python` with these arguments, stopped at the end."""
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


@dataclass
class Process:
    """A child of the warm parent, with what tests use of `Popen`."""

    parent: WarmParent
    pid: int
    returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self.parent.ask({"poll": self.pid})
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        end = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
            time.sleep(0.01)
        return status

    def terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        # Its number is its own until the parent is asked how it ended.
        if self.poll() is None:
            os.kill(self.pid, number)


class WarmParent:
    """The process of `tests.warm`, which has imported the portal and forks what is started."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="claims-warm-")
        nowhere = {
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "DATA_DIR": self._folder.name,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"],
            cwd=settings.BASE_DIR,
            env=os.environ | nowhere,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._one_thread = threading.Lock()
        atexit.register(self.end)

    def start(self, arguments: list[str], environment: dict[str, str], log: Path) -> Process:
        order = {"start": arguments, "environment": environment, "log": str(log)}
        pid = self.ask(order)
        assert pid
        return Process(self, pid)

    def ask(self, order: dict[str, Any]) -> int | None:
        assert self._process.stdin
        assert self._process.stdout
        with self._one_thread:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            said = self._process.stdout.readline()
        assert said, "The warm parent has ended; what it said stands above."
        answer: int | None = json.loads(said)
        return answer

    def end(self) -> None:
        self._process.communicate()
        self._folder.cleanup()


@cache
def warm_parent() -> WarmParent:
    return WarmParent()
