"""Reports as the shop would send them, made from few arguments."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from claims.formats.reports import OrderReport

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
NOW = datetime(2026, 4, 20, tzinfo=UTC)
_lines = itertools.count(2)
# The same reports as rows of a file.
TOP_UP = {
    "order_id": "T-1",
    "customer_email": "ann@example.com",
    "customer_name": "Ann",
    "product": "top_up",
    "channel": "web",
    "price": "20.00",
    "currency": "EUR",
    "purchased_at": "2026-04-01T11:00:00+00:00",
    "updated_at": "2026-04-01T11:00:00+00:00",
}
NUMBER = TOP_UP | {
    "order_id": "N-1",
    "product": "number",
    "service": "telegram",
    "country": "DE",
    "phone": "+4915112345678",
    "supplier": "north",
    "two_factor": "true",
    "price": "2.50",
    "purchased_at": "2026-04-01T12:00:00+00:00",
    "allotted_until": "2026-04-01T12:20:00+00:00",
    "activation": "waiting",
    "updated_at": "2026-04-01T12:00:00+00:00",
}


def minutes(after_noon: float) -> datetime:
    return NOON + timedelta(minutes=after_noon)


def bought(order_id: str = "N-1", **changes: Any) -> OrderReport:
    """Return a number of Ann's, bought at noon for 2.50 EUR, with twenty minutes for its SMS."""
    purchased_at = changes.get("purchased_at", NOON)
    plain = {
        "line": next(_lines),
        "order_id": order_id,
        "customer_email": "ann@example.com",
        "customer_name": "Ann",
        "product": "number",
        "service": "telegram",
        "country": "DE",
        "phone": "+4915112345678",
        "supplier": "north",
        "two_factor": False,
        "channel": "web",
        "price": Decimal("2.50"),
        "currency": "EUR",
        "purchased_at": purchased_at,
        "allotted_until": purchased_at + timedelta(minutes=20),
        "activation": "waiting",
        "sms_received_at": None,
        "completed_at": None,
        "updated_at": purchased_at,
    }
    return OrderReport(**(plain | changes))


def topped_up(order_id: str = "T-1", amount: str = "20.00", **changes: Any) -> OrderReport:
    """Return a top-up of Ann's, half an hour before noon."""
    plain = {
        "product": "top_up",
        "service": "",
        "country": "",
        "phone": "",
        "supplier": "",
        "price": Decimal(amount),
        "purchased_at": minutes(-30),
        "allotted_until": None,
        "activation": "",
    }
    return bought(order_id, **(plain | changes))
