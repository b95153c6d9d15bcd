"""Starts processes that needn't import the portal, as children of `tests.warm`."""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings


@dataclass
class Process:
    """A child of the warm parent, with the part of `Popen` that tests use."""

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
        # The child keeps its process id until the parent is asked how it ended.
        if self.poll() is None:
            os.kill(self.pid, number)


class WarmParent:
    """The process of `tests.warm`, which has imported the portal and forks the children."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="claims-warm-")
        nowhere = {
            "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing",
            "DATABASE_OWNER_URL": "",
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
