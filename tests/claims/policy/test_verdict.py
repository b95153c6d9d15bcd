import json
from dataclasses import FrozenInstanceError

import pytest

from claims.policy import Clause, Finding, Outcome, Terms, Verdict, assess


@pytest.fixture
def verdict(make_facts) -> Verdict:
    return assess(make_facts(returned=True, terms_accepted=False), Terms())


def test_failed_and_for_reviewer_are_findings_in_the_tables_order(verdict):
    assert [f.clause for f in verdict.failed] == ["already-returned", "terms"]
    assert [f.clause for f in verdict.for_reviewer] == ["server-side", "third-party"]


def test_a_slug_can_be_looked_up_as_a_plain_string(verdict):
    assert "already-returned" in {finding.clause for finding in verdict.failed}


def test_one_failure_makes_a_claim_ineligible(make_facts, verdict):
    assert not verdict.eligible
    assert assess(make_facts(), Terms()).eligible


def test_questions_for_the_reviewer_leave_a_claim_eligible():
    open_question = Finding(Clause.PROOF, Outcome.FOR_REVIEWER, "We will check it.")
    assert Verdict((open_question,)).eligible


def test_a_verdict_survives_json(verdict):
    stored = json.loads(json.dumps(verdict.as_dict()))
    assert Verdict.from_dict(stored) == verdict
    assert stored["eligible"] is False
    assert stored["findings"][1] == {
        "clause": "already-returned",
        "outcome": "failed",
        "params": dict(verdict.failed[0].params),
    }


def test_a_stored_finding_with_an_unknown_clause_is_refused():
    with pytest.raises(ValueError, match="no-such-clause"):
        Finding.from_dict({"clause": "no-such-clause", "outcome": "met", "message": ""})


def test_a_verdict_cannot_be_changed(verdict):
    with pytest.raises(FrozenInstanceError):
        verdict.findings = ()
