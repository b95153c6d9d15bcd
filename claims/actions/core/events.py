"""Events: the append-only lines of a claim's story."""

from datetime import datetime
from typing import Any
from uuid import UUID

from accounts.models import User
from accounts.origin import current_address
from claims.models import Change, Claim, Event


def record(
    claim: Claim,
    kind: str,
    *,
    at: datetime,
    actor: User | None,
    submission: UUID | None = None,
    change: Change | None = None,
    **data: Any,
) -> Event:
    """Add an event to the claim's story and return it; `data` is JSON-safe.

    Any event but the quiet ones cancels the first of two people's approvals.
    """
    if claim.approval_id and kind not in {*Event.QUIET, Event.Kind.APPROVED_FIRST}:
        claim.approval = None
        claim.save(update_fields=["approval"])
    return Event.objects.create(
        kind=kind,
        order=claim.order,
        claim=claim,
        at=at,
        actor=actor,
        address=current_address(),
        before=change.before if change else {},
        after=change.after if change else {},
        submission=submission,
        data=data,
    )
