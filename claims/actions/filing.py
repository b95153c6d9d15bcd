from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from claims import policy
from claims.actions.evidence import attach, lock_unused
from claims.actions.glancing import look_for_repeats, refresh
from claims.actions.locking import lock_claim_of, lock_order_of, refuse_closed
from claims.actions.recording import keep_receipt, record, tell_customer
from claims.actions.telling_shop import tell_of_claim
from claims.models import Change, Claim, Event, Receipt, Replacement


@transaction.atomic(durable=True)
def file_claim(
    *,
    order_id: int,
    by: User,
    kind: str,
    reason: str,
    customer_two_factor: bool,
    terms_accepted: bool,
    uploads: Sequence[str],
    submission: UUID,
    now: datetime,
) -> Claim:
    """File a claim, or find the one that the same form has filed before.

    `uploads` are tokens. Raises `ValidationError` with every clause that fails, its slug as the
    code, or with `files` when an upload isn't there for this order any more.
    """
    order = lock_order_of(by, order_id)
    earlier = Claim.objects.filter(submission=submission, order=order).first()
    if earlier:
        return earlier
    claim = Claim(
        order=order,
        kind=kind,
        reason=reason,
        customer_two_factor=customer_two_factor,
        terms_version=order.policy_version.terms_version if terms_accepted else "",
        filed_at=now,
        submission=submission,
    )
    claim.new_uploads = lock_unused(uploads, order_id=order.pk, by=by)
    claim.full_clean(validate_constraints=False)
    facts = claim.facts()
    claim.proof_code = order.proof_code if policy.needs_proof(facts) else ""
    claim.save()
    attach(claim, now=now)
    keep_receipt(claim=claim, occasion=Receipt.Occasion.FILED, facts=facts, now=now)
    change = Change({}, {"status": str(claim.status)})
    event = record(
        claim, Event.Kind.FILED, at=now, actor=by, change=change, kinds=sorted(facts.proofs)
    )
    tell_customer(event)
    tell_of_claim(claim)
    refresh(claim)
    look_for_repeats(claim)
    return claim


@transaction.atomic(durable=True)
def withdraw_claim(*, claim_id: int, by: User, now: datetime) -> Claim:
    """The customer takes the claim back. Withdrawing it again changes nothing."""
    claim = lock_claim_of(by, claim_id)
    if claim.status == Claim.Status.WITHDRAWN:
        return claim
    refuse_closed(claim)
    change = claim.close(Claim.Status.WITHDRAWN, at=now)
    requested = claim.replacements.filter(state=Replacement.State.REQUESTED)
    requested.update(state=Replacement.State.VOID, settled_at=now)
    record(claim, Event.Kind.WITHDRAWN, at=now, actor=by, change=change)
    return claim
