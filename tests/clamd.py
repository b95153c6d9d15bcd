"""A real clamd with a signature of our own, and servers that only pretend to be one."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import struct
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from tests.media import make_screenshot
from tests.processes import PATIENCE

# The test string that every scanner knows, in two parts, so that no scanner reports this file.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + rb"ANTIVIRUS-TEST-FILE!$H+H*"
SIGNATURE = "Test.Eicar"
# The settings that an installation needs, and that these tests change.
USUAL = {"AlertExceedsMax": "yes", "StreamMaxLength": "100M", "MaxFileSize": "100M"}


@contextmanager
def running_clamd(folder: Path, **options: str) -> Iterator[str]:
    """Yield the URL of a clamd with its files in `folder`, and stop it at the end."""
    command = _find_clamd()
    socket_path = folder / "clamd.sock"
    config = _write_config(folder, socket_path, USUAL | options)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [command, "--config-file", str(config)], stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(socket_path, process, folder / "output")
            yield f"unix://{socket_path}"
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE)


def _find_clamd() -> str:
    """Return the scanner's program; skip the test without it, unless all tests must run."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    found = shutil.which(os.environ.get("CLAMD", "clamd"), path=path)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("No clamd was found. Install one (clamav-daemon), or name it in CLAMD.")
        # A developer may lack a scanner; under CI the line above fails instead.
        pytest.skip("No clamd was found; CLAMD can name one.")
    return found


def _write_config(folder: Path, socket_path: Path, options: dict[str, str]) -> Path:
    """Write a configuration without freshclam: one signature, for any file, at any offset."""
    database = folder / "database"
    database.mkdir()
    (database / "test.ndb").write_text(f"{SIGNATURE}:0:*:{EICAR.hex()}\n")
    settings = {
        "Foreground": "yes",
        "User": pwd.getpwuid(os.getuid()).pw_name,
        "LocalSocket": str(socket_path),
        "DatabaseDirectory": str(database),
        "TemporaryDirectory": str(folder),
        **options,
    }
    config = folder / "clamd.conf"
    config.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    return config


def _wait_for(path: Path, process: subprocess.Popen[bytes], output: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(path))
            return
        time.sleep(0.02)
    pytest.fail(f"clamd did not start: {output.read_text()}")


def infected_screenshot() -> bytes:
    """Return a picture that any decoder shows, with the test string in one of its texts."""
    picture = make_screenshot(size=(390, 844))
    text = b"tEXtComment\0" + EICAR
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    end = picture.rindex(b"\0\0\0\0IEND")
    return picture[:end] + chunk + picture[end:]


Talk = Callable[[socket.socket], None]


@contextmanager
def pretended_clamd(talk: Talk) -> Iterator[str]:
    """Yield the URL of a server that runs `talk` on each connection."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        thread = threading.Thread(target=_serve, args=(server, talk))
        stack.callback(thread.join, PATIENCE)
        # Closing doesn't wake a thread that waits in `accept`; this does.
        stack.callback(server.shutdown, socket.SHUT_RDWR)
        thread.start()
        yield f"tcp://127.0.0.1:{server.getsockname()[1]}"


def _serve(server: socket.socket, talk: Talk) -> None:
    with suppress(OSError):
        while True:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                talk(connection)


def receive_stream(connection: socket.socket) -> bytes:
    """Return everything that a client sends, to the end of its stream."""
    with connection.makefile("rb") as incoming:
        assert incoming.read(10) == b"zINSTREAM\0"
        stream = b""
        while length := struct.unpack(">I", incoming.read(4))[0]:
            stream += incoming.read(length)
        return stream


def answering(answer: bytes) -> Talk:
    """Return a talk that takes the whole stream, sends this answer, and hangs up."""

    def talk(connection: socket.socket) -> None:
        receive_stream(connection)
        connection.sendall(answer)

    return talk
