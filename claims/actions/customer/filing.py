"""Filing: a customer makes a claim on an order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accounts.models import User
from claims import policy
from claims.actions.core.claim_columns import refresh
from claims.actions.core.events import record
from claims.actions.core.locks import lock_order_of
from claims.actions.core.notice_outbox import tell_customer
from claims.actions.core.receipts import keep_receipt
from claims.actions.core.shop_outbox import tell_of_claim
from claims.actions.customer.evidence import attach, lock_unused
from claims.actions.uploads.repeats import look_for_repeats
from claims.models import Change, Claim, Event, Receipt


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
    """File a claim and return it, or return the claim that the same form has filed before.

    `uploads` are tokens. Raises `ValidationError` with every clause that fails, its slug as the
    code, or with `files` for too many uploads or one that isn't there for this order any more.
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
    _announce(claim, proofs=facts.proofs, by=by, now=now)
    refresh(claim)
    look_for_repeats(claim)
    return claim


def _announce(claim: Claim, *, proofs: Iterable[str], by: User, now: datetime) -> None:
    change = Change({}, {"status": str(claim.status)})
    event = record(claim, Event.Kind.FILED, at=now, actor=by, change=change, kinds=sorted(proofs))
    tell_customer(event)
    tell_of_claim(claim)
