"""The lines of a verdict on a page, clause by clause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from claims import policy, wording
from claims.wording.outcomes import answer_words, words_of


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    slug: str
    title: str
    message: str
    tone: str
    """`met`, `failed` or `review`."""
    word: str
    question: str = ""
    """The question that the reviewer answered, or '' before that."""
    answer: str = ""


def lines(findings: Iterable[policy.Finding], answers: Mapping[str, str]) -> list[FindingLine]:
    """Return one line for each finding, with the reviewer's answer where there is one."""
    return [_line(finding, answers.get(finding.clause, "")) for finding in findings]


def _line(finding: policy.Finding, answer: str) -> FindingLine:
    asked = finding.outcome == policy.Outcome.FOR_REVIEWER
    answered = answer_words(answer) if asked else None
    words = answered or words_of(finding.outcome)
    return FindingLine(
        slug=finding.clause.value,
        title=wording.title(finding.clause),
        message=wording.sentence(finding),
        tone=words.tone,
        word=str(words.for_customer),
        question=wording.question(finding.clause) if answered else "",
        answer=str(answered.answer_for_customer) if answered else "",
    )
