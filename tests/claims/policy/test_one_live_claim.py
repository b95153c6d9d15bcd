import pytest

from claims.policy import Kind


@pytest.mark.parametrize("kind", Kind)
def test_another_open_claim_bars_every_kind(outcomes_of, kind):
    assert outcomes_of(kind=kind, has_live_claim=True)["one-live-claim"] == "failed"


def test_an_order_without_an_open_claim_can_have_one(outcomes_of):
    assert outcomes_of(has_live_claim=False)["one-live-claim"] == "met"


def test_the_message_points_at_the_open_claim(message_of):
    assert "go on with that one" in message_of("one-live-claim", has_live_claim=True)
