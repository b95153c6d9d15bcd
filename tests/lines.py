"""Lines to servers that a test can cut, silence and mend."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal

from django.db import connection

BUFFER = 65_536
Mood = Literal["open", "cut", "silent"]


class Line:
    """A TCP port that leads to another socket.

    While it is `cut` it takes no connection, and while it is `silent` it takes them and passes
    nothing on. Both break the connections that there are.
    """

    def __init__(self, target: tuple[str, int] | str | None) -> None:
        self._target = target
        self._mood: Mood = "cut"
        self._sockets: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def become(self, mood: Mood) -> None:
        self._mood = mood
        with self._lock:
            for each in self._sockets:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
        if mood == "cut" and self._listener:
            # A thread waits in `accept`, which closing alone wouldn't end.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        elif mood != "cut" and self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
            threading.Thread(target=self._take, args=[self._listener], daemon=True).start()

    def _take(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=[near], daemon=True).start()

    def _pass_on(self, near: socket.socket) -> None:
        with near, suppress(OSError), self._far_end() as far, self._kept(near, far):
            while True:
                ready, _, _ = select.select([near, far], [], [])
                for source, sink in ((near, far), (far, near)):
                    if source in ready and not self._passed(source, sink):
                        return

    def _far_end(self) -> socket.socket:
        if self._mood == "silent" or self._target is None:
            # The other end of a pair says nothing, and takes what it gets.
            self._mute, far = socket.socketpair()
            return far
        kind = socket.AF_UNIX if isinstance(self._target, str) else socket.AF_INET
        far = socket.socket(kind)
        far.connect(self._target)
        return far

    @contextmanager
    def _kept(self, *sockets: socket.socket) -> Iterator[None]:
        with self._lock:
            self._sockets.update(sockets)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.difference_update(sockets)

    def _passed(self, source: socket.socket, sink: socket.socket) -> bool:
        data = source.recv(BUFFER)
        if data:
            sink.sendall(data)
        return bool(data)


@contextmanager
def line_to(target: tuple[str, int] | str | None, mood: Mood = "open") -> Iterator[Line]:
    line = Line(target)
    line.become(mood)
    try:
        yield line
    finally:
        line.become("cut")


@contextmanager
def line_to_database() -> Iterator[Line]:
    """Yield a line to the server of the test's database."""
    params = connection.get_connection_params()
    host, port = params["host"], params.get("port") or 5432
    target = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, int(port))
    with line_to(target) as line:
        yield line
