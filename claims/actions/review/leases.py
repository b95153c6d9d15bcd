"""Leases: which reviewer has a claim open. A lease ends by itself; only its holder decides."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import queries
from claims.models import Claim, Event, Lease

# The condition holds even for a reader whose snapshot is older than the lease that it meets.
TAKE = """
INSERT INTO claims_lease AS lease (claim_id, holder_id, taken_at, until)
VALUES (%(claim)s, %(holder)s, %(now)s, %(until)s)
ON CONFLICT (claim_id) DO UPDATE
   SET holder_id = excluded.holder_id, taken_at = excluded.taken_at, until = excluded.until
 WHERE lease.until <= excluded.taken_at OR lease.holder_id = excluded.holder_id
"""


def take_next(*, by: User, now: datetime, leaving: int | None = None) -> Claim | None:
    """Lease the most urgent claim that is free for this person; None when there is none.

    `leaving` is the claim that they had before them: its lease ends, and another one is taken.
    Raises `PermissionDenied`.
    """
    refuse_others_than_reviewers(by)
    if leaving is not None:
        release(claim_id=leaving, by=by)
    return _take_first(by=by, now=now, leaving=leaving)


@transaction.atomic(durable=True)
def _take_first(*, by: User, now: datetime, leaving: int | None) -> Claim | None:
    while claim := _most_urgent(by=by, now=now, leaving=leaving):
        if _hold(claim.pk, by=by, now=now):
            return claim
    return None


def _most_urgent(*, by: User, now: datetime, leaving: int | None) -> Claim | None:
    """Of what is this person's and what is nobody's; what others are taking is passed over.

    Each has an index of its own that leads to its first row.
    """
    free = queries.free_claims(by=by, now=now).order_by("due_at", "pk")
    if leaving is not None:
        free = free.exclude(pk=leaving)
    free = free.select_for_update(skip_locked=True, of=("self",), no_key=True)
    first = (free.filter(assignee=by).first(), free.filter(assignee=None).first())
    return min(filter(None, first), key=lambda claim: (claim.due_at, claim.pk), default=None)


@transaction.atomic(durable=True)
def take(*, claim_id: int, by: User, now: datetime) -> Lease:
    """Lease this claim, also one that is assigned to someone else.

    Raises `ValidationError`: `closed`, or `lease` while somebody else has it before them; raises
    `PermissionDenied`.
    """
    refuse_others_than_reviewers(by)
    claim = Claim.objects.select_for_update(of=("self",), no_key=True).get(pk=claim_id)
    if not claim.is_open:
        raise ValidationError(_("This claim is closed."), code="closed")
    if not _hold(claim.pk, by=by, now=now):
        raise _told(Lease.objects.select_related("holder").get(pk=claim_id), now=now)
    return Lease.objects.get(pk=claim_id)


def renew(*, claim_id: int, by: User, now: datetime) -> Lease | None:
    """Keep a lease that is still live for another while; None when it isn't this person's."""
    mine = Lease.objects.live(now=now).filter(pk=claim_id, holder=by)
    return mine.get() if mine.update(until=_end(now)) else None


def release(*, claim_id: int, by: User) -> None:
    """Give a lease back before its time."""
    Lease.objects.filter(pk=claim_id, holder=by).delete()


def end_lease(claim: Claim) -> None:
    """The claim has been dealt with, so that nobody has it before them any more."""
    Lease.objects.filter(pk=claim.pk).delete()


def refuse_without_lease(claim: Claim, *, by: User, seen: int, now: datetime) -> None:
    """Raise `ValidationError` (`lease`) unless this person has the locked claim before them."""
    leases = Lease.objects.select_for_update(of=("self",)).select_related("holder")
    lease = leases.filter(pk=claim.pk).first()
    if lease and lease.holder_id == by.pk and lease.until > now:
        return
    raise _told(lease, now=now, meanwhile=events_since(claim, seen))


def refuse_foreign_lease(lease: Lease | None, *, by: User, now: datetime) -> None:
    """Raise `ValidationError` (`lease`) while somebody else has the claim before them."""
    if lease and lease.until > now and lease.holder_id != by.pk:
        raise ValidationError(
            _("%(who)s is working on this claim until %(until)s UTC."),
            code="lease",
            params={"who": lease.holder, "until": f"{lease.until:%H:%M}"},
        )


def refuse_others_than_reviewers(by: User) -> None:
    """Raise `PermissionDenied` for who may not decide claims."""
    if not by.has_perm("claims.review_claim"):
        raise PermissionDenied(_("Only Support and Supervisors decide claims."))


def events_since(claim: Claim, seen: int) -> str:
    """What has happened since an event, in words; empty when nothing that matters has."""
    later = claim.events.filter(pk__gt=seen).exclude(kind__in=Event.QUIET)
    return "; ".join(
        f"{event.get_kind_display()} ({event.actor or 'system'}, {event.at:%H:%M} UTC)"
        for event in later.select_related("actor")
    )


def _hold(claim_id: int, *, by: User, now: datetime) -> bool:
    """Write the lease, unless somebody else's is live."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"claim": claim_id, "holder": by.pk, "now": now, "until": _end(now)})
        return bool(cursor.rowcount)


def _end(now: datetime) -> datetime:
    return now + timedelta(minutes=settings.LEASE_MINUTES)


def _told(lease: Lease | None, *, now: datetime, meanwhile: str = "") -> ValidationError:
    since = str(_("Nothing else has happened meanwhile."))
    if meanwhile:
        since = str(_("Meanwhile: %(events)s.")) % {"events": meanwhile}
    if lease is None or lease.until <= now:
        return ValidationError(
            _("Your time for this claim is over. Take it again, and decide then. %(since)s"),
            code="lease",
            params={"since": since},
        )
    return ValidationError(
        _("%(who)s has been working on this claim since %(at)s UTC. %(since)s"),
        code="lease",
        params={"who": lease.holder, "at": f"{lease.taken_at:%H:%M}", "since": since},
    )
