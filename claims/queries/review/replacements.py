"""The replacement that the shop was asked for."""

from __future__ import annotations

from claims.models import Claim, Replacement


def requested_replacement(claim: Claim) -> Replacement | None:
    """Return the replacement of this claim that the shop hasn't answered; None if there is none."""
    if claim.status != Claim.Status.OFFERED:
        return None
    return Replacement.objects.requested().filter(claim=claim).first()
