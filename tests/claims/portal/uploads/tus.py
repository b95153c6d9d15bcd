"""The requests of a tus client, through Django's test client."""

from __future__ import annotations

import stat
from base64 import b64encode
from hashlib import new
from pathlib import Path
from typing import Any

from django.test import Client

from claims import storage
from claims.models import Order, Upload

TUS = {"Tus-Resumable": "1.0.0"}
PIECE_TYPE = "application/offset+octet-stream"


def create(
    client: Client, order: Order, size: int | str, name: str = "proof.png", **headers: str
) -> Any:
    metadata = f"filename {encoded(name.encode())},filetype {encoded(b'text/html')}"
    told = TUS | {"Upload-Length": str(size), "Upload-Metadata": metadata} | headers
    return client.post(f"/orders/{order.shop_id}/uploads/", headers=told)


def begin(client: Client, order: Order, size: int, name: str = "proof.png") -> str:
    """Return the address of a new upload."""
    answer = create(client, order, size, name)
    assert answer.status_code == 201, answer.content
    return str(answer["Location"])


def patch(client: Client, address: str, body: bytes, offset: int | str = 0, **headers: str) -> Any:
    told = TUS | {"Upload-Offset": str(offset)} | headers
    return client.patch(address, body, content_type=PIECE_TYPE, headers=told)


def head(client: Client, address: str) -> Any:
    return client.head(address, headers=TUS)


def delete(client: Client, address: str) -> Any:
    return client.delete(address, headers=TUS)


def encoded(content: bytes) -> str:
    return b64encode(content).decode()


def checksum(content: bytes, algorithm: str = "sha256") -> dict[str, str]:
    """Return the header Upload-Checksum, to be passed with `**`."""
    return {"Upload-Checksum": f"{algorithm} {encoded(new(algorithm, content).digest())}"}


def spooled() -> list[str]:
    """Return the names of all files in the spool."""
    spool = storage.spool()
    return [name for folder in storage.folders(spool) for name in storage.names_in(spool, folder)]


def spooled_modes() -> list[tuple[int, int]]:
    """Return the modes of each file in the spool, and of its folder."""
    paths = [Path(storage.spool().path(name)) for name in spooled()]
    return [(_mode(path), _mode(path.parent)) for path in paths]


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def spooled_bytes(upload: Upload) -> bytes:
    """Return the bytes of an upload that have arrived."""
    content = b""
    for name in upload.spooled():
        with storage.spool().open(name) as piece:
            content += piece.read()
    return content
