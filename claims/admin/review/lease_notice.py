"""Which reviewer has a claim open, in words for the review page."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime

from accounts.models import User
from claims.models import Claim, Lease


def live_lease(claim: Claim, *, now: datetime) -> Lease | None:
    return Lease.objects.live(now=now).select_related("holder").filter(pk=claim.pk).first()


def told(claim: Claim, lease: Lease | None, *, viewer: User) -> str:
    """Whose the claim is now, and until when; times are the viewer's."""
    if not claim.is_open:
        return _ended(claim)
    if lease is None:
        return "Nobody has this claim before them. Take it to decide it."
    if lease.holder_id == viewer.pk:
        return f"You have this claim until {_clock(lease.until)}."
    return (
        f"{lease.holder} has had this claim since {_clock(lease.taken_at)} and keeps it until"
        f" {_clock(lease.until)} at least. You can look at it meanwhile."
    )


def _ended(claim: Claim) -> str:
    if claim.decision:
        outcome = claim.decision.get_outcome_display()
        return f"{claim.decision.who} has decided this claim: {outcome}."
    return f"This claim is closed: {claim.get_status_display()}."


def _clock(instant: datetime) -> str:
    return date_format(localtime(instant), "H:i")
