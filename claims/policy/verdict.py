"""The result of an assessment: a finding for every clause that applies, and the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from claims.policy.words import Clause, Outcome


@dataclass(frozen=True)
class Finding:
    """The answer of one clause. `wording.findings` makes a sentence of it for a reader."""

    clause: Clause
    outcome: Outcome
    params: Mapping[str, Any] = field(default_factory=dict)
    """The numbers and instants that the answer rests on. Instants are ISO 8601 in UTC."""

    def as_dict(self) -> dict[str, Any]:
        return {
            "clause": self.clause.value,
            "outcome": self.outcome.value,
            "params": dict(self.params),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        return cls(Clause(data["clause"]), Outcome(data["outcome"]), data["params"])


@dataclass(frozen=True)
class Verdict:
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> tuple[Finding, ...]:
        return self._with(Outcome.FAILED)

    @property
    def for_reviewer(self) -> tuple[Finding, ...]:
        return self._with(Outcome.FOR_REVIEWER)

    @property
    def eligible(self) -> bool:
        """Return whether no clause failed. A reviewer may still have questions to answer."""
        return not self.failed

    def _with(self, outcome: Outcome) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.outcome == outcome)

    def as_dict(self) -> dict[str, Any]:
        """Return `{"eligible": bool, "findings": [{"clause", "outcome", "params"}, ...]}`."""
        return {
            "eligible": self.eligible,
            "findings": [finding.as_dict() for finding in self.findings],
        }

    def in_short(self) -> str:
        """Return the outcomes without params, for lists: `clear-reason=met proof=failed`."""
        return " ".join(f"{found.clause}={found.outcome}" for found in self.findings)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the verdict from which `as_dict` made `data`."""
        return cls(tuple(Finding.from_dict(finding) for finding in data["findings"]))
