"""Filing: a customer makes a claim on an order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

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
    code, or with `files` for too many uploads or one that isn't there for this order any more, or
    with `submission` if the same form has filed a claim of other content.
    """
    order = lock_order_of(by, order_id)
    earlier = Claim.objects.filter(submission=submission, order=order).first()
    if earlier:
        _refuse_other_content(earlier, kind, reason, customer_two_factor, uploads)
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


def _refuse_other_content(
    claim: Claim, kind: str, reason: str, customer_two_factor: bool, uploads: Sequence[str]
) -> None:
    told = (claim.kind, claim.reason.split(), claim.customer_two_factor)
    shown = set(claim.evidence.values_list("upload__token", flat=True))
    if told != (kind, reason.split(), customer_two_factor) or not set(uploads) <= shown:
        raise ValidationError(
            _("This form has filed claim %(code)s with other content. Nothing has changed now."),
            code="submission",
            params={"code": claim.code},
        )


def _announce(claim: Claim, *, proofs: Iterable[str], by: User, now: datetime) -> None:
    change = Change({}, {"status": str(claim.status)})
    event = record(claim, Event.Kind.FILED, at=now, actor=by, change=change, kinds=sorted(proofs))
    tell_customer(event)
    tell_of_claim(claim)
