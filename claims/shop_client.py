"""The client of the shop: it sends one signed request to an address that was checked before.

The name is resolved once, and the connection goes to the address that passed the check, so a name
that resolves differently a moment later can't lead elsewhere. Redirects aren't followed.
"""

from __future__ import annotations

import ipaddress
import json
import socket
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

import httpx
from django.conf import settings
from standardwebhooks import Webhook as Signer

SECONDS: Final = 10
"""The time limit for connecting, and between two received chunks."""
# NAT64 (RFC 6052): the last 32 bits are an IPv4 address.
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class OutgoingWebhook(Protocol):
    """A webhook to send: a row of the outbox, or any object with these attributes."""

    type: str
    at: datetime
    data: Mapping[str, Any]

    @property
    def message_id(self) -> str: ...


class NotTakenError(Exception):
    """The shop didn't accept the webhook; the message gives the reason."""


def post(webhook: OutgoingWebhook, *, now: datetime) -> None:
    """Send a webhook to the shop's address. Raises `NotTakenError` unless the shop answers 2xx."""
    url = httpx.URL(settings.SHOP_URL)
    host = url.raw_host.decode()
    address = _allowed_address(host, url.port or (443 if url.scheme == "https" else 80))
    body = json.dumps(
        {"type": webhook.type, "timestamp": webhook.at.isoformat(), "data": webhook.data}
    )
    headers = _headers(webhook.message_id, body, now=now) | {"host": url.netloc.decode()}
    try:
        # A proxy from the environment would resolve the name itself.
        with (
            httpx.Client(timeout=SECONDS, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST",
                url.copy_with(host=str(address)),
                content=body,
                headers=headers,
                extensions={"sni_hostname": host},
            ) as response,
        ):
            if not response.is_success:
                raise NotTakenError(f"The shop answered {response.status_code}.")
    except (httpx.HTTPError, OSError) as error:
        raise NotTakenError(f"{type(error).__name__}: {error}"[:500]) from error


def is_public(address: Address) -> bool:
    """Return True if the address, and an IPv4 address that it embeds, is public."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if address.teredo or (inner and not is_public(inner)):
            return False
        if inner:
            return True
    return address.is_global and not address.is_multicast


def _allowed_address(host: str, port: int) -> Address:
    """Return the host's first address. Raises `NotTakenError` unless all are allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotTakenError(f"{host} can't be resolved: {error}") from error
    # An IPv6 address may carry the name of its interface.
    addresses = [ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found]
    if not settings.SHOP_URL_MAY_BE_PRIVATE:
        for address in addresses:
            if not is_public(address):
                raise NotTakenError(
                    f"{host} leads to {address}, which is not of the public internet"
                    " (SHOP_URL_MAY_BE_PRIVATE)."
                )
    return addresses[0]


def _headers(message_id: str, body: str, *, now: datetime) -> dict[str, str]:
    """Return the headers of Standard Webhooks, with a signature by each secret for rotation."""
    signatures = [
        Signer(secret).sign(message_id, now, body) for secret in settings.SHOP_URL_SECRETS
    ]
    return {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
