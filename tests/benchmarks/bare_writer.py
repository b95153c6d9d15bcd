"""A WSGI application that does nothing but write the body of a request to a file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from typing import Any

CHUNK = 64 * 1024
FOLDER = os.environ["DATA_DIR"]


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    left = int(environ.get("CONTENT_LENGTH") or 0)
    source = environ["wsgi.input"]
    if left:
        with tempfile.NamedTemporaryFile(dir=FOLDER, delete=False) as target:
            while left:
                chunk = source.read(min(CHUNK, left))
                if not chunk:
                    break
                target.write(chunk)
                left -= len(chunk)
    start_response("204 No Content", [])
    return []
