from datetime import UTC, datetime

import pytest

from claims.policy import Terms

DEFECT = {"kind": "major_defect", "filed_at": datetime(2026, 4, 3, 9, 15, tzinfo=UTC)}


def test_whether_a_remedy_is_due_is_for_the_reviewer(outcomes_of):
    assert outcomes_of(**DEFECT)["repair"] == "for_reviewer"


@pytest.mark.parametrize("kind", ["sms_not_received", "invalid_number", None])
def test_no_other_kind_waits_for_a_repair(outcomes_of, kind):
    assert "repair" not in outcomes_of(kind=kind)


def test_the_message_names_the_instant_when_the_time_is_over(message_of):
    message = message_of("repair", **DEFECT)
    assert "until 8 April 2026, 09:15 UTC, 5 days after the filing" in message


def test_the_time_is_the_terms_own(message_of):
    message = message_of("repair", terms=Terms(repair_days=1), **DEFECT)
    assert "until 4 April 2026, 09:15 UTC, 1 day after the filing" in message
