"""The steps of a reviewer: take the claim, if they may, and then act on it."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import User
from claims.actions.review import conversation, decisions, leases
from claims.models import Approval, Decision, Message


def take(claim_id: int, *, by: User, now: datetime) -> None:
    """Take the claim as the page does when it is opened; if that fails, the action refuses."""
    with suppress(PermissionDenied, ValidationError):
        leases.take(claim_id=claim_id, by=by, now=now)


def approve(*, claim_id: int, by: User, now: datetime, **words: Any) -> Decision | Approval:
    take(claim_id, by=by, now=now)
    return decisions.approve(claim_id=claim_id, by=by, now=now, **words)


def reject(*, claim_id: int, by: User, now: datetime, **words: Any) -> Decision:
    take(claim_id, by=by, now=now)
    return decisions.reject(claim_id=claim_id, by=by, now=now, **words)


def ask_for_evidence(*, claim_id: int, by: User, now: datetime, **words: Any) -> Message:
    take(claim_id, by=by, now=now)
    return conversation.ask_for_evidence(claim_id=claim_id, by=by, now=now, **words)
