import pytest

from claims.policy import Kind


@pytest.mark.parametrize("kind", [*Kind, None])
def test_the_use_of_the_api_is_for_the_reviewer_of_an_api_order(outcomes_of, kind):
    assert outcomes_of(channel="api", kind=kind)["api-misuse"] == "for_reviewer"


@pytest.mark.parametrize("kind", Kind)
def test_an_order_from_the_website_is_not_asked_about_the_api(outcomes_of, kind):
    assert "api-misuse" not in outcomes_of(channel="web", kind=kind)
