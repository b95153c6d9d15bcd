"""The signed links by which a customer objects to a merge, without signing in."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.core import signing
from django.urls import reverse

SALT: Final = "claims.merge"


class MergeLink(NamedTuple):
    """A merge, and the one of its two customers to whom the link was mailed."""

    merge_id: int
    user_id: int


def address_of(link: MergeLink) -> str:
    """Return the path of the page that this link opens."""
    return reverse("portal:merge", args=[signing.dumps(list(link), salt=SALT)])


def read_link(text: str) -> MergeLink | None:
    """Return what the link says; None if we didn't sign it."""
    try:
        return MergeLink(*signing.loads(text, salt=SALT))
    except signing.BadSignature:
        return None
