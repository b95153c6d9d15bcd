"""A verdict as a page lists it, clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from claims import policy, wording

WORDS = {
    policy.Outcome.MET: ("met", "Met"),
    policy.Outcome.FAILED: ("failed", "Not met"),
    policy.Outcome.FOR_REVIEWER: ("review", "For our support team"),
}
ANSWERS = {
    policy.Outcome.MET: "Our support team answered: yes.",
    policy.Outcome.FAILED: "Our support team answered: no.",
}


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    slug: str
    title: str
    message: str
    tone: str
    """`met`, `failed` or `review`."""
    word: str
    question: str = ""
    """What the reviewer was asked, once they have answered."""
    answer: str = ""


def lines(findings: Iterable[policy.Finding], answers: Mapping[str, str]) -> list[FindingLine]:
    """One for each finding; what a reviewer has answered stands in place of the question mark."""
    return [_line(finding, answers.get(finding.clause, "")) for finding in findings]


def _line(finding: policy.Finding, answer: str) -> FindingLine:
    answered = finding.outcome == policy.Outcome.FOR_REVIEWER and answer in ANSWERS
    tone, word = WORDS[policy.Outcome(answer) if answered else finding.outcome]
    return FindingLine(
        slug=finding.clause.value,
        title=wording.title(finding.clause),
        message=wording.sentence(finding),
        tone=tone,
        word=word,
        question=wording.question(finding.clause) if answered else "",
        answer=ANSWERS[policy.Outcome(answer)] if answered else "",
    )
