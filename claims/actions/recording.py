"""What every action leaves behind: a line of the story, a receipt, a notice to the customer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from accounts.models import User
from claims import policy
from claims.models import Claim, Event, Receipt

TELL_CUSTOMER = "claims.tell_customer"


def record(
    claim: Claim,
    kind: str,
    *,
    at: datetime,
    actor: User | None,
    submission: UUID | None = None,
    **data: Any,
) -> Event:
    """Add a line to the claim's story; `data` is JSON-safe."""
    return Event.objects.create(
        kind=kind,
        order=claim.order,
        claim=claim,
        at=at,
        actor=actor,
        submission=submission,
        data=data,
    )


def keep_receipt(*, claim: Claim, occasion: str, facts: policy.Facts, now: datetime) -> Receipt:
    """Keep what the policy said of these facts, for the customer, the reviewer and exports."""
    version = claim.order.policy_version
    return Receipt.objects.create(
        claim=claim,
        occasion=occasion,
        made_at=now,
        policy_version=version,
        facts=facts.as_dict(),
        findings=policy.assess(facts, version.terms).as_dict()["findings"],
    )


def tell_customer(event: Event) -> None:
    """Have a worker mail the customer about this event, once this transaction is through."""
    app.configure_task(TELL_CUSTOMER).defer(event_id=event.pk)
