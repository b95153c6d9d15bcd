"""The patterns of what the shop calls orders, services and countries."""

from __future__ import annotations

SERVICE = r"^[a-z0-9][a-z0-9_.-]*$"
COUNTRY = r"^[A-Z]{2}$"

SHOP_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
