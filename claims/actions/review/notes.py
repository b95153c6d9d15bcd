"""Notes among staff. Customers never see them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claim
from claims.actions.review.guards import (
    refuse_empty_reason,
    refuse_own,
    refuse_unpermitted,
)
from claims.models import Event, Note
from claims.queries.core.claim_actions import ActionName


@transaction.atomic(durable=True)
def add_note(*, claim_id: int, by: User, body: str, now: datetime) -> Note:
    """Add a note for colleagues. This needs no lease, and works on a closed claim, too.

    Raises `ValidationError` (`note`) if the note is empty; raises `PermissionDenied`.
    """
    refuse_unpermitted(ActionName.NOTE, by)
    refuse_empty_reason(body)
    claim = lock_claim(claim_id)
    refuse_own(claim, by)
    note = Note.objects.create(claim=claim, author=by, body=body.strip(), written_at=now)
    record(claim, Event.Kind.NOTED, at=now, actor=by, note=note.pk)
    return note
