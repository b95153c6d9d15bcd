"""Leases: the reviewers who have claims open. A lease ends by itself; only its holder decides."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import queries
from claims.models import Claim, Event, Lease

# The condition holds even if the statement's snapshot is older than the lease that it meets.
TAKE = """
INSERT INTO claims_lease AS lease (claim_id, holder_id, taken_at, until)
VALUES (%(claim)s, %(holder)s, %(now)s, %(until)s)
ON CONFLICT (claim_id) DO UPDATE
   SET holder_id = excluded.holder_id, taken_at = excluded.taken_at, until = excluded.until
 WHERE lease.until <= excluded.taken_at OR lease.holder_id = excluded.holder_id
"""


def take_next(*, by: User, now: datetime, leaving: int | None = None) -> Claim | None:
    """Lease and return the most urgent claim that is free for this person; None if none is.

    `leaving` is the claim they had open: its lease ends, and this takes another one.
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
    """Return the most urgent claim assigned to `by` or to nobody, skipping rows that others lock.

    There is one query for each of the two, because an index leads each to its first row.
    """
    free = queries.free_claims(by=by, now=now).order_by("due_at", "pk")
    if leaving is not None:
        free = free.exclude(pk=leaving)
    free = free.select_for_update(skip_locked=True, of=("self",), no_key=True)
    first = (free.filter(assignee=by).first(), free.filter(assignee=None).first())
    return min(filter(None, first), key=lambda claim: (claim.due_at, claim.pk), default=None)


@transaction.atomic(durable=True)
def take(*, claim_id: int, by: User, now: datetime) -> Lease:
    """Lease this claim, even one that is assigned to somebody else.

    Raises `ValidationError`: `closed`, or `lease` while somebody else holds the lease; raises
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
    """Extend and return this person's live lease on the claim; None if there is none."""
    mine = Lease.objects.live(now=now).filter(pk=claim_id, holder=by)
    return mine.get() if mine.update(until=_end(now)) else None


def release(*, claim_id: int, by: User) -> None:
    """End this person's lease on the claim before its time."""
    Lease.objects.filter(pk=claim_id, holder=by).delete()


def end_lease(claim: Claim) -> None:
    """End the claim's lease, because an action has taken the claim out of the reviewer's hands."""
    Lease.objects.filter(pk=claim.pk).delete()


def refuse_without_lease(claim: Claim, *, by: User, seen: int, now: datetime) -> None:
    """Raise `ValidationError` (`lease`) unless this person's lease on the locked claim is live."""
    leases = Lease.objects.select_for_update(of=("self",)).select_related("holder")
    lease = leases.filter(pk=claim.pk).first()
    if lease and lease.holder_id == by.pk and lease.until > now:
        return
    raise _told(lease, now=now, meanwhile=events_since(claim, seen))


def refuse_foreign_lease(lease: Lease | None, *, by: User, now: datetime) -> None:
    """Raise `ValidationError` (`lease`) if the lease is live and somebody else holds it."""
    if lease and lease.until > now and lease.holder_id != by.pk:
        raise ValidationError(
            _("%(who)s is working on this claim until %(until)s UTC."),
            code="lease",
            params={"who": lease.holder, "until": f"{lease.until:%H:%M}"},
        )


def refuse_others_than_reviewers(by: User) -> None:
    """Raise `PermissionDenied` if this person may not decide claims."""
    if not by.has_perm("claims.review_claim"):
        raise PermissionDenied(_("Only Support and Supervisors decide claims."))


def events_since(claim: Claim, seen: int) -> str:
    """Return the events since the event `seen` in words, without the quiet ones, or ''."""
    later = claim.events.filter(pk__gt=seen).exclude(kind__in=Event.QUIET)
    return "; ".join(
        f"{event.get_kind_display()} ({event.actor or 'system'}, {event.at:%H:%M} UTC)"
        for event in later.select_related("actor")
    )


def _hold(claim_id: int, *, by: User, now: datetime) -> bool:
    """Store the lease and return True, unless somebody else holds a live one."""
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
