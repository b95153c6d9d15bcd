from datetime import UTC, datetime, timedelta

import pytest

from claims.policy import Activation

UNTIL = datetime(2026, 4, 1, 12, 30, tzinfo=UTC)
ONE_TICK = timedelta(microseconds=1)
WAITING = {"allotted_until": UNTIL, "activation": "waiting"}


@pytest.mark.parametrize(
    ("filed_at", "outcome"),
    [(UNTIL - ONE_TICK, "failed"), (UNTIL, "met"), (UNTIL + ONE_TICK, "met")],
)
def test_a_waiting_number_can_be_claimed_once_its_time_is_over(outcomes_of, filed_at, outcome):
    assert outcomes_of(**WAITING, filed_at=filed_at)["allotted-time"] == outcome


@pytest.mark.parametrize("activation", [word for word in Activation if word != "waiting"])
def test_a_number_that_no_longer_waits_can_be_claimed_before(outcomes_of, activation):
    outcomes = outcomes_of(
        allotted_until=UNTIL, activation=activation, filed_at=UNTIL - timedelta(minutes=10)
    )
    assert outcomes["allotted-time"] == "met"


@pytest.mark.parametrize("kind", ["invalid_number", "major_defect", None])
def test_the_clause_is_about_no_other_kind(outcomes_of, kind):
    assert "allotted-time" not in outcomes_of(**WAITING, kind=kind, filed_at=UNTIL - ONE_TICK)


def test_the_message_names_the_instant_of_the_automatic_return(message_of):
    message = message_of("allotted-time", **WAITING, filed_at=UNTIL - ONE_TICK)
    assert "returns to your credit balance by itself on 1 April 2026, 12:30 UTC" in message


def test_no_automatic_return_is_promised_when_an_sms_is_on_record(message_of):
    early = UNTIL - timedelta(minutes=5)
    message = message_of("allotted-time", **WAITING, filed_at=early, sms_received_at=early)
    assert "1 April 2026, 12:30 UTC" in message
    assert "returns" not in message


def test_a_number_without_an_allotted_time_has_nothing_to_wait_for(outcomes_of):
    assert outcomes_of(allotted_until=None, activation="waiting")["allotted-time"] == "met"
