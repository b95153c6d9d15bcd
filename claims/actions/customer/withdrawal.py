"""Withdrawal: the customer takes a claim back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from claims.actions.core.events import record
from claims.actions.core.locks import lock_claim_of, refuse_closed
from claims.actions.review.leases import end_lease
from claims.models import Claim, Event, Replacement
from claims.queries.core.claim_actions import ActionName


@transaction.atomic(durable=True)
def withdraw_claim(*, claim_id: int, by: User, now: datetime) -> Claim:
    """Close the claim at its customer's wish. Withdrawing it again changes nothing.

    A replacement that the shop hasn't answered becomes void. Raises `ValidationError` (`closed`);
    raises `PermissionDenied`.
    """
    claim = lock_claim_of(by, claim_id)
    if claim.status == Claim.Status.WITHDRAWN:
        return claim
    refuse_closed(claim, ActionName.WITHDRAW)
    change = claim.close(Claim.Status.WITHDRAWN, at=now)
    Replacement.objects.filter(claim=claim).void(at=now)
    end_lease(claim)
    record(claim, Event.Kind.WITHDRAWN, at=now, actor=by, change=change)
    return claim
