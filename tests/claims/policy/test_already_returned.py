import pytest

from claims.policy import Kind


@pytest.mark.parametrize("kind", Kind)
def test_a_returned_price_bars_every_kind(outcomes_of, kind):
    assert outcomes_of(returned=True, kind=kind)["already-returned"] == "failed"


def test_a_price_that_was_not_returned_is_no_obstacle(outcomes_of):
    assert outcomes_of(returned=False)["already-returned"] == "met"


def test_the_message_points_at_the_credit_line(message_of):
    assert "My credit" in message_of("already-returned", returned=True)
