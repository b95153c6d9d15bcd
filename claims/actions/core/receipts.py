"""Receipts: what the policy said of a claim at one moment."""

from datetime import datetime

from claims import policy
from claims.models import Claim, Receipt


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
