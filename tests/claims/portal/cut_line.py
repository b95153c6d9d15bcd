"""A line to a web server that breaks: at every other piece, and each time elsewhere."""

from __future__ import annotations

import itertools
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

PLACES = ("in the headers", "in the body", "before the answer")


@dataclass
class CutLine:
    url: str
    cuts: list[str] = field(default_factory=list)
    """Where each PATCH was cut, so far."""


@contextmanager
def cut_line(server: str) -> Iterator[CutLine]:
    """Every other PATCH that passes through is cut off, its sender reset."""
    target = urlsplit(server)
    listener = socket.create_server(("127.0.0.1", 0))
    line = CutLine(f"http://localhost:{listener.getsockname()[1]}")
    upstream = (target.hostname or "", target.port or 0)
    turns = itertools.cycle(step for place in PLACES for step in (place, ""))
    lock = threading.Lock()

    def turn(head: bytes) -> str:
        with lock:
            place = next(turns) if head.startswith(b"PATCH ") else ""
            if place:
                line.cuts.append(place)
            return place

    threading.Thread(target=_accept, args=(listener, upstream, turn), daemon=True).start()
    try:
        yield line
    finally:
        listener.close()


def _accept(
    listener: socket.socket, upstream: tuple[str, int], turn: Callable[[bytes], str]
) -> None:
    with suppress(OSError):  # the listener is closed when the test ends
        while True:
            client, _ = listener.accept()
            threading.Thread(target=_pass_on, args=(client, upstream, turn), daemon=True).start()


def _pass_on(
    client: socket.socket, upstream: tuple[str, int], turn: Callable[[bytes], str]
) -> None:
    """One request on one connection: passed on as far as it gets this time."""
    with client, socket.create_connection(upstream) as server, suppress(OSError):
        head, body = _read_message(client)
        place = turn(head)
        until = {"in the headers": len(head) // 2, "in the body": len(head) + len(body) // 2}
        server.sendall((head + body)[: until.get(place)])
        if place in until:
            _reset(client)
            return
        answer = b"".join(_read_message(server, has_body=not head.startswith(b"HEAD ")))
        if place:
            _reset(client)
            return
        client.sendall(answer)


def _read_message(connection: socket.socket, *, has_body: bool = True) -> tuple[bytes, bytes]:
    with connection.makefile("rb") as stream:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                raise ConnectionError("The other side is gone.")
            head += line
        return head, stream.read(_length(head) if has_body else 0)


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0


def _reset(connection: socket.socket) -> None:
    """Close with a reset, as a line does that is gone."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
