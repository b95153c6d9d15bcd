"""All clauses applied to the facts of a claim."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from claims.policy import clauses
from claims.policy.facts import Facts
from claims.policy.terms import Terms
from claims.policy.verdict import Finding, Verdict
from claims.policy.words import Clause, Kind, Proof

Rule = Callable[[Facts, Terms], Finding | None]

RULES: Mapping[Clause, Rule] = {
    Clause.TOP_UP: clauses.top_up,
    Clause.ALREADY_RETURNED: clauses.already_returned,
    Clause.CLAIM_WINDOW: clauses.claim_window,
    Clause.CLEAR_REASON: clauses.clear_reason,
    Clause.TERMS: clauses.terms,
    Clause.TELEGRAM_2FA_API: clauses.telegram_2fa_api,
    Clause.ALLOTTED_TIME: clauses.allotted_time,
    Clause.ACTIVATION_COMPLETE: clauses.activation_complete,
    Clause.SERVER_SIDE: clauses.server_side,
    Clause.SMS_RECEIVED: clauses.sms_received,
    Clause.PROOF: clauses.proof,
    Clause.TELEGRAM_2FA_VIDEO: clauses.telegram_2fa_video,
    Clause.CRITICAL_DEFECT: clauses.critical_defect,
    Clause.REPAIR: clauses.repair,
    Clause.API_MISUSE: clauses.api_misuse,
    Clause.THIRD_PARTY: clauses.third_party,
    Clause.ONE_LIVE_CLAIM: clauses.one_live_claim,
}


def assess(facts: Facts, terms: Terms) -> Verdict:
    """Return a finding for every clause that applies. A failure never hides the next one."""
    findings = (rule(facts, terms) for rule in RULES.values())
    return Verdict(tuple(finding for finding in findings if finding is not None))


def grounds(verdict: Verdict) -> tuple[Finding, ...]:
    """Return the findings on which a reviewer may reject: failed ones and ones for a reviewer.

    A missing video is no ground: the reviewer asks the customer for one.
    """
    found = (*verdict.failed, *verdict.for_reviewer)
    return tuple(finding for finding in found if finding.clause != Clause.TELEGRAM_2FA_VIDEO)


def prospects(facts: Facts, terms: Terms) -> Mapping[Kind, Verdict]:
    """Return the verdict on a claim of each kind if the customer does their own part well.

    It assumes a clear reason, accepted terms and every kind of proof, so that a kind whose verdict
    is not eligible can't succeed whatever the customer adds.
    """
    at_best = replace(
        facts,
        reason="a clear reason " * terms.reason_min_length,
        proofs=frozenset(Proof),
        terms_accepted=True,
    )
    return {kind: assess(replace(at_best, kind=kind), terms) for kind in Kind}
