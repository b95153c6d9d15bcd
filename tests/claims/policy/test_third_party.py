import pytest

from claims.policy import EXPLANATIONS, Clause, Kind


@pytest.mark.parametrize("kind", [*Kind, None])
@pytest.mark.parametrize("channel", ["web", "api"])
def test_software_of_the_customer_is_for_the_reviewer(outcomes_of, kind, channel):
    assert outcomes_of(kind=kind, channel=channel)["third-party"] == "for_reviewer"


def test_the_explanation_says_that_a_refusing_service_is_not_such_software():
    assert "A service that refuses the number is not" in EXPLANATIONS[Clause.THIRD_PARTY]
