from datetime import UTC, datetime

import pytest

from claims.policy import Activation

AN_SMS = {"sms_received_at": datetime(2026, 4, 1, 12, 5, tzinfo=UTC)}


def test_an_sms_and_a_completed_activation_fail(outcomes_of):
    assert outcomes_of(**AN_SMS, activation="completed")["activation-complete"] == "failed"


@pytest.mark.parametrize("activation", [word for word in Activation if word != "completed"])
def test_an_sms_without_completion_is_for_the_reviewer(outcomes_of, activation):
    outcomes = outcomes_of(**AN_SMS, activation=activation)
    assert outcomes["activation-complete"] == "for_reviewer"


@pytest.mark.parametrize("activation", Activation)
def test_no_sms_on_record_is_met_whatever_the_activation(outcomes_of, activation):
    assert outcomes_of(activation=activation)["activation-complete"] == "met"


@pytest.mark.parametrize("kind", ["invalid_number", "major_defect", None])
def test_a_completed_activation_is_no_obstacle_to_another_kind(outcomes_of, kind):
    outcomes = outcomes_of(**AN_SMS, activation="completed", kind=kind)
    assert "activation-complete" not in outcomes


def test_the_message_points_at_the_kind_that_fits(message_of):
    message = message_of("activation-complete", **AN_SMS, activation="completed")
    assert "choose “Invalid number” instead" in message


def test_the_message_says_when_the_sms_came(message_of):
    message = message_of("activation-complete", **AN_SMS, activation="sms_received")
    assert "1 April 2026, 12:05 UTC" in message
