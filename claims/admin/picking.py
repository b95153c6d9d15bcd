"""Who has chosen which claims, and what of each they had before them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User

# A claim and the newest event on it, as a checkbox or a hidden field holds them.
PICK = re.compile(r"([1-9][0-9]{0,17})\.([0-9]{1,18})")
FIELD = "picks"


def picked(request: HttpRequest) -> dict[int, int]:
    """The chosen claims of a posted form, in its order, each with its event."""
    found = map(PICK.fullmatch, request.POST.getlist(FIELD))
    return {int(match[1]): int(match[2]) for match in found if match}


def picks(seen: Mapping[int, int], claim_ids: Iterable[int]) -> list[str]:
    """What `picked` reads."""
    return [f"{claim_id}.{seen.get(claim_id, 0)}" for claim_id in claim_ids]


def user_with(request: HttpRequest, *permissions: str) -> User:
    """Who is asking. Raises `PermissionDenied` unless they have all of these."""
    if not isinstance(request.user, User) or not request.user.has_perms(permissions):
        raise PermissionDenied
    return request.user
