"""The sentence on the review page that names the reviewer who is working on the claim."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext

from accounts.models import User
from claims.models import Claim, Lease


def live_lease(claim: Claim, *, now: datetime) -> Lease | None:
    return Lease.objects.live(now=now).select_related("holder").filter(pk=claim.pk).first()


def told(claim: Claim, lease: Lease | None, *, viewer: User) -> str:
    """Return who is working on the claim and until when, in the viewer's time zone."""
    if not claim.is_open:
        return _ended(claim)
    if lease is None:
        return gettext("No one is working on this claim. Take it to decide.")
    if lease.holder_id == viewer.pk:
        until = {"until": _clock(lease.until)}
        return gettext("You have this claim until %(until)s.") % until
    others = gettext(
        "%(holder)s has been working on this claim since %(since)s and keeps it until %(until)s"
        " at least. You can read it meanwhile."
    )
    return others % {
        "holder": lease.holder,
        "since": _clock(lease.taken_at),
        "until": _clock(lease.until),
    }


def _ended(claim: Claim) -> str:
    if claim.decision:
        outcome = claim.decision.get_outcome_display()
        decided = gettext("%(who)s has decided this claim: %(outcome)s.")
        return decided % {"who": claim.decision.who, "outcome": outcome}
    return gettext("This claim is closed: %(status)s.") % {"status": claim.get_status_display()}


def _clock(instant: datetime) -> str:
    return date_format(localtime(instant), "H:i")
