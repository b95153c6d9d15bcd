"""All clauses applied to the facts of a claim."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from claims.policy import clauses
from claims.policy.facts import Facts
from claims.policy.terms import Terms
from claims.policy.verdict import Finding, Verdict
from claims.policy.words import Clause, Kind, Proof

Rule = Callable[[Facts, Terms], Finding | None]

# Each clause has the function of its name, and a verdict lists them in the order of `Clause`.
RULES: Mapping[Clause, Rule] = {clause: getattr(clauses, clause.name.lower()) for clause in Clause}


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
