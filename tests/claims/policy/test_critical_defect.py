import pytest


def test_whether_the_defect_is_critical_is_for_the_reviewer(outcomes_of):
    assert outcomes_of(kind="major_defect")["critical-defect"] == "for_reviewer"


@pytest.mark.parametrize("kind", ["sms_not_received", "invalid_number", None])
def test_no_other_kind_is_asked_about_a_defect(outcomes_of, kind):
    assert "critical-defect" not in outcomes_of(kind=kind)
