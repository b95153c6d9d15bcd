"""Requests with the shop's signature."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

from django.test import Client
from standardwebhooks import Webhook

OLD_SECRET = "whsec_" + base64.b64encode(b"o" * 32).decode()
SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
ADDRESS = "/api/v1/shop/events"


def send(
    body: Any,
    *,
    secret: str = SECRET,
    event_id: str = "msg_1",
    at: datetime | None = None,
    signature: str = "",
) -> Any:
    """Post an object as JSON, or a text as it is."""
    text = body if isinstance(body, str) else json.dumps(body)
    at = at or datetime.now(UTC)
    headers = {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature or Webhook(secret).sign(event_id, at, text),
    }
    return Client().post(ADDRESS, text, content_type="application/json", headers=headers)


def told(kind: str, /, *, at: str = "2026-04-01T12:00:00+00:00", **data: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": at, "data": data}
