from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from claims.policy import Facts, Terms, Verdict, assess, deadline
from claims.wording import sentence

PURCHASED_AT = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


def _make_facts(**changes: Any) -> Facts:
    """An SMS-not-received claim in which everything is right, with `changes` laid over it.

    `claims_close_at` follows `purchased_at` unless it is among the changes.
    """
    purchased_at = changes.get("purchased_at", PURCHASED_AT)
    values: dict[str, Any] = {
        "product": "number",
        "service": "whatsapp",
        "telegram_rules": False,
        "channel": "web",
        "two_factor": False,
        "purchased_at": purchased_at,
        "claims_close_at": deadline(purchased_at, Terms()),
        "allotted_until": purchased_at + timedelta(minutes=20),
        "sms_received_at": None,
        "activation": "timed_out",
        "returned": False,
        "replaced": False,
        "kind": "sms_not_received",
        "filed_at": purchased_at + timedelta(days=1),
        "reason": "No code ever came to the number.",
        "proofs": frozenset(),
        "terms_accepted": True,
        "has_live_claim": False,
    }
    return Facts(**(values | changes))


def _outcomes(verdict: Verdict) -> dict[str, str]:
    return {finding.clause.value: finding.outcome.value for finding in verdict.findings}


@pytest.fixture(scope="session")
def make_facts() -> Callable[..., Facts]:
    return _make_facts


@pytest.fixture(scope="session")
def outcomes_of() -> Callable[..., dict[str, str]]:
    """Return the outcome by slug for the default facts with some changes."""
    return lambda **changes: _outcomes(assess(_make_facts(**changes), Terms()))


@pytest.fixture(scope="session")
def message_of() -> Callable[..., str]:
    """Return the sentence of one clause for the default facts with some changes."""

    def message(clause: str, terms: Terms | None = None, **changes: Any) -> str:
        findings = assess(_make_facts(**changes), terms or Terms()).findings
        return next(sentence(finding) for finding in findings if finding.clause == clause)

    return message
