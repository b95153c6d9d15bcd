"""Events of the shop, already read into messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from claims.formats.shop_messages import ShopMessage
from tests.claims.actions.orders.reports import minutes


def message(event_id: str, kind: str, after_noon: float = 0.0, **data: Any) -> ShopMessage:
    return ShopMessage(event_id, kind, minutes(after_noon), data)


def created(
    event_id: str,
    row: Mapping[str, Any],
    *,
    after_noon: float = 0.0,
    kind: str = "order.created",
    **changes: Any,
) -> ShopMessage:
    """Return an order with the fields that a row of an import has."""
    return message(event_id, kind, after_noon, **{**row, **changes})
