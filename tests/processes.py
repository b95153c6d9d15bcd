"""The portal's real processes, on the database and the folders of one test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection


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
