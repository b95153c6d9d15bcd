"""The shop's own server, which takes webhooks, or fails as servers do."""

from __future__ import annotations

import base64
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook

SECRET = "whsec_" + base64.b64encode(b"t" * 32).decode()
NEXT_SECRET = "whsec_" + base64.b64encode(b"n" * 32).decode()


class ShopServer(ThreadingHTTPServer):
    """A server that answers `status`, after `pause` seconds, and keeps the requests with a valid
    signature.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.status = 204
        self.location = ""
        self.pause = 0.0
        self.taken: list[dict[str, Any]] = []
        self.asked = 0
        self.hosts: list[str] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def told(self) -> list[tuple[str, str]]:
        """Return the type and the order of each event that the server has taken."""
        return [(event["type"], event["data"]["order_id"]) for event in self.taken]


class _Conversation(BaseHTTPRequestHandler):
    server: ShopServer

    def do_POST(self) -> None:
        server = self.server
        server.asked += 1
        server.hosts.append(self.headers["host"])
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        assert self._is_signed(body)
        time.sleep(server.pause)
        if server.status < 300:
            server.taken.append(json.loads(body) | {"id": self.headers["webhook-id"]})
        self.send_response(server.status)
        if server.location:
            self.send_header("location", server.location)
        self.send_header("content-length", "0")
        self.end_headers()

    def _is_signed(self, body: str) -> bool:
        """Return True if the signature is valid at any time: a test's clock goes days ahead."""
        at = datetime.fromtimestamp(int(self.headers["webhook-timestamp"]), UTC)
        signature = Webhook(SECRET).sign(self.headers["webhook-id"], at, body)
        return signature in self.headers["webhook-signature"].split(" ")

    def log_message(self, *args: Any) -> None:
        """Log nothing."""


@contextmanager
def running_shop(certificate: Path | None = None) -> Iterator[ShopServer]:
    """Run a server on the loopback address, with TLS if there is a certificate."""
    with ShopServer() as server:
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def make_certificate(folder: Path, name: str) -> Path:
    """Make a self-signed certificate for this name, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = [x509.DNSName(name), x509.IPAddress(ip_address("192.0.2.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
