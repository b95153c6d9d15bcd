"""Selected claims, each with the newest event that the person had seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.http import HttpRequest

# The id of a claim and of its newest event, as a checkbox or a hidden field holds them.
PICK = re.compile(r"([1-9][0-9]{0,17})\.([0-9]{1,18})")
FIELD = "picks"


def picked(request: HttpRequest) -> dict[int, int]:
    """Return the chosen claims of a posted form, in its order, each with its event."""
    found = map(PICK.fullmatch, request.POST.getlist(FIELD))
    return {int(match[1]): int(match[2]) for match in found if match}


def picks(seen: Mapping[int, int], claim_ids: Iterable[int]) -> list[str]:
    """Return the values that `picked` reads."""
    return [f"{claim_id}.{seen.get(claim_id, 0)}" for claim_id in claim_ids]
