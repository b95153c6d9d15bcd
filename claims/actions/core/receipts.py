"""Receipts: the verdict of the policy on a claim at one moment."""

from datetime import datetime

from claims import policy
from claims.models import Claim, Receipt


def keep_receipt(*, claim: Claim, occasion: str, facts: policy.Facts, now: datetime) -> Receipt:
    """Store the verdict on these facts, for the customer, the reviewer and exports.

    This also sets `claim.outcomes` and doesn't save it; the caller does, by closing the claim or by
    `refresh`.
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
