"""A connection to a web server that breaks once at each offset at which a piece begins."""

from __future__ import annotations

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
    cuts: list[int] = field(default_factory=list)
    """The offsets of the PATCHes that were cut, so far."""


@contextmanager
def cut_line(server: str, place: str) -> Iterator[CutLine]:
    """Cut the first PATCH at each offset there, and reset its sender; pass the next one."""
    target = urlsplit(server)
    listener = socket.create_server(("127.0.0.1", 0))
    line = CutLine(f"http://localhost:{listener.getsockname()[1]}")
    upstream = (target.hostname or "", target.port or 0)
    lock = threading.Lock()

    def turn(head: bytes) -> str:
        """Return the place at which this request is cut, or ''."""
        offset = _number(head, b"upload-offset")
        with lock:
            if not head.startswith(b"PATCH ") or offset in line.cuts:
                return ""
            line.cuts.append(offset)
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
    """Pass one request on one connection on, as far as it gets this time."""
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
        return head, stream.read(_number(head, b"content-length") if has_body else 0)


def _number(head: bytes, name: bytes) -> int:
    """Return the number in a header, 0 when it is absent."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(name + b":"):
            return int(line.partition(b":")[2])
    return 0


def _reset(connection: socket.socket) -> None:
    """Close the connection with a reset, as a lost line does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
