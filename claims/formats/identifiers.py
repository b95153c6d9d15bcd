"""The patterns of what the shop calls orders, services and countries, and of our own ids."""

from __future__ import annotations

import re

# As many digits as a bigint always holds.
ID = r"[0-9]{1,18}"

SERVICE = r"^[a-z0-9][a-z0-9_.-]*$"
COUNTRY = r"^[A-Z]{2}$"

SHOP_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


def id_in(text: str) -> int | None:
    """The id of a row in an address or a form, which may hold anything; None if it is none."""
    return int(text) if re.fullmatch(ID, text) else None
