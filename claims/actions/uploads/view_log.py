"""The log of looks at evidence. A view records the look before it shows the evidence."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from claims.actions.core.events import record
from claims.models import Event, Evidence, Rendition, Upload

ONE_LOOK = timedelta(minutes=10)
"""Requests by one person for one file within this time are one look."""
GOES_ON = timedelta(hours=12)
"""A request for the middle of a file belongs to a look that began within this time."""


def is_look(rendition: Rendition, *, by: User) -> bool:
    """Return True if the log needs this: a full-size rendition of another person's upload."""
    # Lists show thumbnails and posters, so these say nothing about what somebody studied.
    return Rendition.Role(rendition.role).is_full and rendition.upload.customer_id != by.pk


def record_look(
    *, upload: Upload, role: str, by: User, now: datetime, begins: bool = True
) -> Event | None:
    """Record that somebody looks at a claim's evidence; return None if it is the same look still.

    `begins` is false for the middle of a file, which a player requests while it plays: this is a
    new look only if none began before. The same request may run on another connection meanwhile.
    """
    since = now - (ONE_LOOK if begins else GOES_ON)
    evidence = Evidence.objects.select_related("claim__order").get(upload=upload)
    if _has_looked(evidence, by=by, since=since):
        return None
    return _record_first(evidence, role=role, by=by, now=now, since=since)


@transaction.atomic(durable=True)
def _record_first(
    evidence: Evidence, *, role: str, by: User, now: datetime, since: datetime
) -> Event | None:
    # Nothing else locks evidence, so only looks at this very file wait for each other.
    Evidence.objects.select_for_update(no_key=True).get(pk=evidence.pk)
    if _has_looked(evidence, by=by, since=since):
        return None
    upload = evidence.upload
    return record(
        evidence.claim,
        Event.Kind.EVIDENCE_SEEN,
        at=now,
        actor=by,
        upload=upload.pk,
        file=upload.original_name,
        role=role,
    )


def _has_looked(evidence: Evidence, *, by: User, since: datetime) -> bool:
    """Return True if the person has looked. Indexes on the claim or on the person serve this."""
    looks = Event.objects.filter(
        claim=evidence.claim_id, actor=by, at__gt=since, kind=Event.Kind.EVIDENCE_SEEN
    )
    return looks.filter(data__upload=evidence.upload_id).exists()
