import pytest

from claims.policy import Clause, Kind, Terms
from claims.wording import explanations


@pytest.mark.parametrize("kind", [*Kind, None])
@pytest.mark.parametrize("channel", ["web", "api"])
def test_software_of_the_customer_is_for_the_reviewer(outcomes_of, kind, channel):
    assert outcomes_of(kind=kind, channel=channel)["third-party"] == "for_reviewer"


def test_the_explanation_says_that_a_refusing_service_is_not_such_software():
    assert "A service that refuses the number is not" in explanations(Terms())[Clause.THIRD_PARTY]
