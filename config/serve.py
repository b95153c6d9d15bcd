"""The supervisor of a whole portal on one machine: it starts, watches and stops the portal.

It prepares the database and the static files, then runs the web server and two job workers as
children. When a child dies, or a stop signal comes, everything stops; the embedded PostgreSQL
stops with the last process that uses it, which is usually this one.
"""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from types import FrameType

import django
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from accounts.owner import as_owner
from config import demo

ADDRESS = "127.0.0.1"
OLDEST_POSTGRES = 15
WEB_WORKERS = min(os.cpu_count() or 1, 4)
# Uploads wait for slow phones, not for a processor, so each worker has many threads.
WEB_THREADS = 16
# A web process that dies, or takes more than this many MiB, is replaced by a new one.
WEB_OUTLIVES = ["--respawn-failed-workers", "--respawn-interval", "1", "--workers-max-rss", "1024"]
# The read-ahead of each connection. With twenty uploads at once, the server's default takes three
# times as much memory and was not measurably faster.
WEB_BUFFER_BYTES = 65_536
SECONDS_OF_GRACE = 5
SECONDS_TO_START = 120
SECONDS_TO_STOP = 10
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Children = Mapping[str, subprocess.Popen[bytes]]


class CannotRun(Exception):
    """The reason why the portal can't run, in one line for the operator."""


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("PGCONNECT_TIMEOUT", "10")
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)
    try:
        django.setup()
        _run()
    except (ImproperlyConfigured, CommandError, CannotRun) as error:
        print(f"error: {_one_line(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _run() -> None:
    require_free_port(settings.PORT)
    print("Preparing the database …", flush=True)
    with as_owner():
        require_database()
    if settings.DATABASE_OWNER:
        call_command("createroles", verbosity=0)
        require_database()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    # The demo's passwords are public, so no server that others reach may have the demo.
    if settings.DEBUG:
        demo.load(say=print)
    print("Starting the web server and a worker …", flush=True)
    supervise()


def require_free_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken" if taken else f"can't be used ({error.strerror})"
            raise CannotRun(f"port {port} {why}; choose another one: PORT=9000 make run") from error


def require_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
            (version,) = cursor.fetchone()
    except DatabaseError as error:
        raise CannotRun(f"{which_database()} can't be used: {error}") from error
    if version < OLDEST_POSTGRES:
        raise CannotRun(
            f"{which_database()} is PostgreSQL {version}; {OLDEST_POSTGRES} or newer is needed"
        )


def which_database() -> str:
    """Name the database by the variable whose role is connected."""
    if settings.EMBEDDED_DATABASE:
        return "the database"
    owner = settings.DATABASE_OWNER.get("USER") == connection.settings_dict["USER"]
    return f"the database of {'DATABASE_OWNER_URL' if owner else 'DATABASE_URL'}"


def supervise() -> None:
    """Run the web server and the workers until one of them dies or a stop signal comes."""
    asked_to_stop: list[int] = []
    for number in STOP_SIGNALS:
        signal.signal(number, lambda number, frame: asked_to_stop.append(number))
    newest = newest_worker()
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        children["web server"] = _start(*web_command())
        children["worker"] = _start(*worker_command("--but", "inspection"))
        # A separate worker: what inspects files gets a process, and elsewhere a user, of its own.
        children["inspection worker"] = _start(*worker_command("inspection"))
        _watch(children, newest_before=newest, asked_to_stop=asked_to_stop)
    finally:
        print("Stopping …", flush=True)
        stop(children)


def web_command() -> list[str]:
    return [
        *("-m", "granian", "--interface", "wsgi", "--host", ADDRESS, "--port", str(settings.PORT)),
        *("--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)),
        *("--http1-buffer-size", str(WEB_BUFFER_BYTES)),
        *("--workers-kill-timeout", "5", "--log-level", "error", "--no-ws"),
        *WEB_OUTLIVES,
        "config.wsgi:application",
    ]


def worker_command(*queues: str) -> list[str]:
    return ["manage.py", "work", *queues, "--grace", str(SECONDS_OF_GRACE)]


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    # Each child has its own session, so that Ctrl-C in the terminal reaches only the supervisor,
    # and the child's processes form one process group.
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=settings.BASE_DIR, start_new_session=True
    )


def _watch(children: Children, *, newest_before: int, asked_to_stop: list[int]) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    announced = False
    while not asked_to_stop:
        require_alive(children)
        if not announced:
            announced = web_answers() and newest_worker() > newest_before
            if announced:
                print(welcome(), flush=True)
                connection.close()
            elif time.monotonic() > deadline:
                raise CannotRun(f"no answer after {SECONDS_TO_START} s; the log above says why")
        time.sleep(0.2)


def require_alive(children: Children) -> None:
    for name, child in children.items():
        code = child.poll()
        if code is not None:
            raise CannotRun(f"the {name} ended by itself (exit code {code})")


def web_answers() -> bool:
    http = HTTPConnection(ADDRESS, settings.PORT, timeout=5)
    try:
        http.request("GET", "/account/login/")
        return http.getresponse().status < 500
    except (OSError, HTTPException):
        return False
    finally:
        http.close()


def newest_worker() -> int:
    """Return the number of the worker that registered last; 0 if none has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM procrastinate_workers")
        (number,) = cursor.fetchone()
    return int(number)


def welcome() -> str:
    lines = ["", f"The portal:  {settings.BASE_URL}/", f"The staff:   {settings.BASE_URL}/admin/"]
    if settings.DEBUG:
        lines += ["", "Demo people:", *(f"  {line}" for line in demo.sign_ins())]
    return "\n".join([*lines, "", where_mail_goes(), "Ctrl-C stops everything.", ""])


def where_mail_goes() -> str:
    if settings.EMAIL_BACKEND.endswith("filebased.EmailBackend"):
        return f"Mail is written to files in {settings.EMAIL_FILE_PATH}; EMAIL_URL sends it out."
    # Only a mail server has a host.
    return f"Mail goes out through {settings.EMAIL_HOST or settings.EMAIL_BACKEND}."


def stop(children: Children) -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    for child in children.values():
        child.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in children.values():
        with suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
        _end_group(child)


def _end_group(child: subprocess.Popen[bytes]) -> None:
    """Stop the child and its processes and wait, because each keeps the database open."""
    deadline = time.monotonic() + SECONDS_TO_STOP
    with suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < deadline:
            os.killpg(child.pid, signal.SIGKILL)
            child.poll()
            time.sleep(0.05)


if __name__ == "__main__":
    sys.exit(main())
