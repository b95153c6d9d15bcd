from datetime import UTC, datetime

import pytest

from claims.policy import Kind, Terms, prospects

SMS_AT = datetime(2026, 4, 1, 12, 5, tzinfo=UTC)
NOT_YET_WRITTEN: dict[str, object] = {
    "kind": None,
    "reason": "",
    "proofs": [],
    "terms_accepted": False,
}


@pytest.fixture
def possible(make_facts):
    """Return the kinds that can succeed for an order whose claim form is still empty."""

    def kinds(terms: Terms | None = None, **changes: object) -> set[str]:
        found = prospects(make_facts(**NOT_YET_WRITTEN, **changes), terms or Terms())
        assert list(found) == list(Kind)
        return {kind.value for kind, verdict in found.items() if verdict.eligible}

    return kinds


def test_a_number_without_an_sms_can_be_claimed_as_such_or_as_defective(possible):
    assert possible() == {"sms_not_received", "major_defect"}


def test_a_completed_number_can_be_claimed_as_invalid_or_as_defective(possible):
    kinds = possible(sms_received_at=SMS_AT, activation="completed")
    assert kinds == {"invalid_number", "major_defect"}


def test_an_sms_without_completion_leaves_every_kind_open(possible):
    assert possible(sms_received_at=SMS_AT, activation="sms_received") == set(Kind)


def test_a_telegram_2fa_number_from_the_website_can_be_claimed_as_invalid(possible):
    assert "invalid_number" in possible(
        sms_received_at=SMS_AT, activation="completed", telegram_rules=True, two_factor=True
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"product": "top_up"},
        {"returned": True},
        {"has_live_claim": True},
        {"filed_at": datetime(2026, 4, 7, tzinfo=UTC)},
        {"telegram_rules": True, "two_factor": True, "channel": "api"},
    ],
)
def test_what_the_customer_cannot_change_closes_every_kind(possible, changes):
    assert possible(**changes) == set()


def test_the_reasons_why_not_are_only_those_the_customer_cannot_change(make_facts):
    facts = make_facts(**NOT_YET_WRITTEN)
    verdict = prospects(facts, Terms())[Kind.INVALID_NUMBER]
    assert [finding.clause for finding in verdict.failed] == ["sms-received"]


def test_a_version_that_asks_for_a_long_reason_closes_nothing(possible):
    assert possible(terms=Terms(reason_min_length=500)) == {"sms_not_received", "major_defect"}
