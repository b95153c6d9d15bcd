"""The return policy as rules: pure Python, no Django, no clock."""

from claims.policy.assessment import RULES, assess, grounds, prospects
from claims.policy.clauses import needs_proof, needs_video
from claims.policy.facts import Facts
from claims.policy.reason import readable
from claims.policy.terms import Terms, deadline, repair_deadline
from claims.policy.verdict import Finding, Verdict
from claims.policy.words import Activation, Channel, Clause, Kind, Outcome, Product, Proof

__all__ = [
    "RULES",
    "Activation",
    "Channel",
    "Clause",
    "Facts",
    "Finding",
    "Kind",
    "Outcome",
    "Product",
    "Proof",
    "Terms",
    "Verdict",
    "assess",
    "deadline",
    "grounds",
    "needs_proof",
    "needs_video",
    "prospects",
    "readable",
    "repair_deadline",
]
