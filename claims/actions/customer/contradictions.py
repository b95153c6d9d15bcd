"""The part that appeals and objections share: they add something new and reopen the claim."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from claims import policy
from claims.actions.core.claim_columns import refresh
from claims.actions.core.events import record
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.customer.evidence import lock_unused, take_in
from claims.actions.uploads.repeats import look_for_repeats
from claims.models import Claim


def take_in_contradiction(
    claim: Claim, *, by: User, uploads: Sequence[str], message: str, now: datetime
) -> None:
    """Add the customer's files and words to the claim.

    Raises `ValidationError`: `clear-reason` without a file and with too few words, `files`.
    """
    claim.new_uploads = lock_unused(uploads, order_id=claim.order_id, by=by)
    _refuse_nothing_new(claim, message)
    take_in(claim, by=by, message=message, now=now)


def _refuse_nothing_new(claim: Claim, message: str) -> None:
    fewest = claim.order.policy_version.terms.reason_min_length
    if not claim.new_uploads and len(policy.readable(message)) < fewest:
        raise ValidationError(
            _(
                "Say in at least %(fewest)s characters what we should see differently, or add a"
                " file."
            ),
            code=policy.Clause.CLEAR_REASON,
            params={"fewest": fewest},
        )


def reopen_for_customer(
    claim: Claim, kind: str, *, by: User, submission: UUID, due_at: datetime, now: datetime
) -> None:
    """Reopen the claim without an assignee, and tell the customer."""
    change = claim.reopen(due_at=due_at)
    claim.assignee = None
    claim.save(update_fields=["assignee"])
    kinds = [upload.kind for upload in claim.new_uploads]
    event = record(claim, kind, at=now, actor=by, submission=submission, change=change, kinds=kinds)
    refresh(claim)
    look_for_repeats(claim)
    tell_customer(event)
