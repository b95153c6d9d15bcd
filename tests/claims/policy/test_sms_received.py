from datetime import UTC, datetime

import pytest

INVALID = {"kind": "invalid_number", "proofs": ["screenshot"]}


def test_an_invalid_number_needs_an_sms_on_record(outcomes_of):
    assert outcomes_of(**INVALID)["sms-received"] == "failed"


@pytest.mark.parametrize("activation", ["sms_received", "completed"])
def test_an_sms_on_record_is_enough(outcomes_of, activation):
    sms_at = datetime(2026, 4, 1, 12, 5, tzinfo=UTC)
    outcomes = outcomes_of(**INVALID, sms_received_at=sms_at, activation=activation)
    assert outcomes["sms-received"] == "met"


@pytest.mark.parametrize("kind", ["sms_not_received", "major_defect", None])
def test_an_sms_is_not_needed_for_another_kind(outcomes_of, kind):
    assert "sms-received" not in outcomes_of(kind=kind)


def test_the_message_points_at_the_kind_that_fits(message_of):
    assert "choose “SMS not received” instead" in message_of("sms-received", **INVALID)
