from datetime import UTC, datetime, timedelta

import pytest

from claims.policy import Kind, Terms

CLOSES = datetime(2026, 4, 7, tzinfo=UTC)
FIRST = datetime(2026, 4, 1, tzinfo=UTC)
LAST = datetime(2026, 4, 1, 23, 59, 59, 999999, tzinfo=UTC)
ONE_TICK = timedelta(microseconds=1)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("purchased_at", [FIRST, LAST])
@pytest.mark.parametrize(
    ("filed_at", "outcome"),
    [
        (CLOSES - ONE_TICK, "met"),
        (CLOSES, "failed"),
        (CLOSES + ONE_TICK, "failed"),
        (CLOSES + timedelta(days=400), "failed"),
    ],
)
def test_a_claim_is_late_from_the_deadline_on(outcomes_of, kind, purchased_at, filed_at, outcome):
    outcomes = outcomes_of(kind=kind, purchased_at=purchased_at, filed_at=filed_at)
    assert outcomes["claim-window"] == outcome


def test_the_deadline_stored_on_the_order_decides(outcomes_of):
    """The policy ignores the deadline that a newer version would compute from the purchase."""
    stored = {"purchased_at": FIRST, "claims_close_at": CLOSES + timedelta(days=3)}
    outcomes = outcomes_of(**stored, filed_at=CLOSES + timedelta(days=2))
    assert outcomes["claim-window"] == "met"


def test_the_filing_is_compared_as_an_instant_and_not_as_a_clock_reading(outcomes_of):
    in_tokyo = datetime.fromisoformat("2026-04-07T08:59:59.999999+09:00")
    assert outcomes_of(filed_at=in_tokyo)["claim-window"] == "met"
    assert outcomes_of(filed_at=in_tokyo + ONE_TICK)["claim-window"] == "failed"


@pytest.mark.parametrize("filed_at", [CLOSES, CLOSES - ONE_TICK])
def test_the_message_names_the_deadline_and_the_limit(message_of, filed_at):
    message = message_of("claim-window", filed_at=filed_at)
    assert "7 April 2026, 00:00 UTC" in message
    assert "5 days after the purchase date" in message


def test_the_limit_in_the_message_is_the_terms_own(message_of):
    assert "is 1 day after" in message_of("claim-window", terms=Terms(claim_days=1))
