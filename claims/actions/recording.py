"""What every action leaves behind: a line of the story, a receipt, a notice to the customer."""

from datetime import datetime
from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from accounts.models import User
from accounts.origin import current_address
from claims import policy
from claims.models import Change, Claim, Event, Notice, Receipt

TELL_CUSTOMER = "claims.tell_customer"
TELL_STAFF = "claims.tell_staff"


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
    """Add a line to the claim's story; `data` is JSON-safe.

    What one person has approved counts no longer once something has happened since.
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


def keep_receipt(*, claim: Claim, occasion: str, facts: policy.Facts, now: datetime) -> Receipt:
    """Keep what the policy said of these facts, for the customer, the reviewer and exports.

    The claim says it in short from now on; whoever closes it saves that.
    """
    version = claim.order.policy_version
    verdict = policy.assess(facts, version.terms)
    claim.outcomes = verdict.in_short()
    return Receipt.objects.create(
        claim=claim,
        occasion=occasion,
        made_at=now,
        policy_version=version,
        facts=facts.as_dict(),
        findings=verdict.as_dict()["findings"],
    )


def tell_customer(event: Event) -> None:
    """Write the notice to the customer about this event; a worker sends it after the commit.

    What they did themselves is no news to them.
    """
    own = event.actor_id == event.order.customer_id
    Notice.objects.create(event=event, made_at=event.at, read_at=event.at if own else None)
    app.configure_task(TELL_CUSTOMER).defer(event_id=event.pk)


def tell_staff(event: Event) -> None:
    """Have a worker mail whoever has to act on this event, once this transaction is through."""
    app.configure_task(TELL_STAFF).defer(event_id=event.pk)
