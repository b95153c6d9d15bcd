import pytest


def test_the_cause_of_a_missing_sms_is_for_the_reviewer(outcomes_of):
    assert outcomes_of()["server-side"] == "for_reviewer"


@pytest.mark.parametrize("kind", ["invalid_number", "major_defect", None])
def test_the_cause_is_not_asked_for_another_kind(outcomes_of, kind):
    assert "server-side" not in outcomes_of(kind=kind)
