"""Every combination of facts, compared with an oracle.

The oracle below was written from the policy's table and not from the clauses: it knows only slugs
and plain values.
"""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from claims.policy import Terms, assess
from claims.wording import sentence

PURCHASED_AT = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)
CLOSES_AT = datetime(2026, 4, 7, tzinfo=UTC)
FILED_AT = {
    "in time": datetime(2026, 4, 3, tzinfo=UTC),
    "last microsecond": CLOSES_AT - timedelta(microseconds=1),
    "late": CLOSES_AT,
}
SMS = {
    "none": (None, "timed_out"),
    "received": (PURCHASED_AT + timedelta(minutes=2), "sms_received"),
    "completed": (PURCHASED_AT + timedelta(minutes=2), "completed"),
}
PROOFS = [(), ("screenshot",), ("video",), ("screenshot", "video")]
COMBINATIONS = list(
    product(
        ["tg", "telegram", "whatsapp", ""],
        ["sms_not_received", "invalid_number", "major_defect"],
        SMS,
        [True, False],
        ["web", "api"],
        PROOFS,
        FILED_AT,
    )
)


# The catalogue decides, not the word: here another service carries its rules.
CARRIES_THE_RULES = {"tg": True, "telegram": False, "whatsapp": False, "": False}


def expected_outcomes(service, kind, sms, two_factor, channel, proofs, age):
    guarded = CARRIES_THE_RULES[service] and two_factor
    table = {
        "top-up": "met",
        "already-returned": "met",
        "claim-window": "failed" if age == "late" else "met",
        "clear-reason": "met",
        "terms": "for_reviewer",
        "telegram-2fa-api": "failed" if guarded and channel == "api" else "met",
        "third-party": "for_reviewer",
        "one-live-claim": "met",
    }
    if channel == "api":
        table["api-misuse"] = "for_reviewer"
    if kind == "sms_not_received":
        table["allotted-time"] = "met"
        table["server-side"] = "for_reviewer"
        table["activation-complete"] = {
            "none": "met",
            "received": "for_reviewer",
            "completed": "failed",
        }[sms]
    elif kind == "invalid_number":
        table["sms-received"] = "failed" if sms == "none" else "met"
        table["proof"] = "for_reviewer" if proofs else "failed"
        if guarded:
            table["telegram-2fa-video"] = "met" if "video" in proofs else "failed"
    else:
        table["critical-defect"] = table["repair"] = "for_reviewer"
    return table


def test_the_combinations_are_all_there():
    assert len(COMBINATIONS) == len(set(COMBINATIONS)) == 4 * 3 * 3 * 2 * 2 * 4 * 3


@pytest.mark.parametrize(
    ("service", "kind", "sms", "two_factor", "channel", "proofs", "age"), COMBINATIONS
)
def test_every_combination_agrees_with_the_table(
    make_facts, service, kind, sms, two_factor, channel, proofs, age
):
    sms_received_at, activation = SMS[sms]
    facts = make_facts(
        service=service,
        telegram_rules=CARRIES_THE_RULES[service],
        kind=kind,
        sms_received_at=sms_received_at,
        activation=activation,
        two_factor=two_factor,
        channel=channel,
        proofs=proofs,
        filed_at=FILED_AT[age],
    )
    expected = expected_outcomes(service, kind, sms, two_factor, channel, proofs, age)
    verdict = assess(facts, Terms())
    assert {finding.clause: finding.outcome for finding in verdict.findings} == expected
    assert verdict.eligible is ("failed" not in expected.values())
    assert all(sentence(finding).endswith(".") for finding in verdict.findings)


def test_every_failed_clause_is_reported_at_once(make_facts):
    facts = make_facts(
        kind="invalid_number",
        telegram_rules=True,
        two_factor=True,
        channel="api",
        returned=True,
        has_live_claim=True,
        terms_accepted=False,
        reason="broken",
        filed_at=CLOSES_AT,
    )
    assert [finding.clause for finding in assess(facts, Terms()).failed] == [
        "already-returned",
        "claim-window",
        "clear-reason",
        "terms",
        "telegram-2fa-api",
        "sms-received",
        "proof",
        "telegram-2fa-video",
        "one-live-claim",
    ]


def test_the_same_facts_always_get_the_same_verdict(make_facts):
    assert assess(make_facts(), Terms()) == assess(make_facts(), Terms())


def test_a_claim_is_judged_by_the_terms_it_is_given(make_facts):
    facts = make_facts(reason="The code never came to me.")
    assert assess(facts, Terms()).eligible
    stricter = assess(facts, Terms(reason_min_length=100))
    assert [finding.clause for finding in stricter.failed] == ["clear-reason"]
