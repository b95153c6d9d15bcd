"""The patterns of the shop's ids of orders, services and countries, and of our own ids."""

from __future__ import annotations

import re

# 18 digits always fit into a bigint.
ID = r"[0-9]{1,18}"

SERVICE = r"^[a-z0-9][a-z0-9_.-]*$"
COUNTRY = r"^[A-Z]{2}$"

SHOP_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
CUSTOMER_ID = r"^[A-Za-z0-9][A-Za-z0-9._:@+-]*$"


def id_in(text: str) -> int | None:
    """Return the id in an address or a form, which may hold any text; None if it is no id."""
    return int(text) if re.fullmatch(ID, text) else None
