"""A worker that kills itself at a named point of an inspection: python -m tests.killing POINT.

It is the real worker; the functions in which it dies are wrapped before it starts.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import django
from django.core.files import File
from django.core.files.storage import FileSystemStorage
from django.core.management import execute_from_command_line

Function = Callable[..., Any]


def die(*args: Any, **named: Any) -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("still alive")


def after(function: Function, *, times: int = 1) -> Function:
    """Return a function that works this many times, and then kills the process."""
    done = 0

    def wrapped(*args: Any, **named: Any) -> Any:
        nonlocal done
        answer = function(*args, **named)
        done += 1
        return die() if done == times else answer

    return wrapped


def half_copied(source: Any, target: Any, size: int) -> NoReturn:
    target.write(source.read(1000))
    target.flush()
    die()


def half_saved(storage: FileSystemStorage, name: str, content: File[bytes]) -> NoReturn:
    """Save half of the file, under the name that it would have."""
    path = Path(storage.path(name))
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = content.read()
    path.write_bytes(whole[: len(whole) // 2])
    die()


def wrap(point: str) -> None:
    """Make the process die at this point."""
    from claims import storage  # noqa: PLC0415 - models can't be imported before the set-up
    from claims.actions.uploads import inspection  # noqa: PLC0415 - likewise
    from claims.inspection import malware  # noqa: PLC0415 - likewise
    from claims.inspection.confinement import sandbox  # noqa: PLC0415 - likewise

    owner, name, deadly = {
        "when it has claimed the job": (inspection, "inspect_upload", die),
        "while it copies the original": (shutil, "copyfileobj", half_copied),
        "while the scanner reads": (malware, "_receive", die),
        "while the child runs": (sandbox, "_wait_or_kill", die),
        "before the first rendition is stored": (storage, "put_in_store", die),
        "in the middle of a rendition": (FileSystemStorage, "_save", half_saved),
        "after the first rendition is stored": (
            storage,
            "put_in_store",
            after(storage.put_in_store),
        ),
        "after the last rendition is stored": (
            storage,
            "put_in_store",
            after(storage.put_in_store, times=3),
        ),
        "before the commit": (inspection, "_tell_claim", after(inspection._tell_claim)),
        "after the commit": (storage, "discard", die),
        "between two deletes": (FileSystemStorage, "delete", after(FileSystemStorage.delete)),
        "before the job is done": (
            inspection,
            "inspect_upload",
            after(inspection.inspect_upload),
        ),
    }[point]
    assert hasattr(owner, name)
    setattr(owner, name, deadly)


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    wrap(sys.argv[1])
    execute_from_command_line(["manage.py", "work", "inspection"])
