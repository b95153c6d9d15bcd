import pytest

from claims.policy import Kind

A_TOP_UP = {"product": "top_up", "service": "", "allotted_until": None, "activation": None}


@pytest.mark.parametrize("kind", [*Kind, None])
@pytest.mark.parametrize("channel", ["web", "api"])
def test_a_top_up_fails_for_every_kind(outcomes_of, kind, channel):
    outcomes = outcomes_of(**A_TOP_UP, kind=kind, channel=channel)
    assert outcomes["top-up"] == "failed"


@pytest.mark.parametrize("kind", Kind)
def test_nothing_else_is_held_against_a_top_up_that_is_otherwise_right(outcomes_of, kind):
    outcomes = outcomes_of(**A_TOP_UP, kind=kind)
    assert [clause for clause, outcome in outcomes.items() if outcome == "failed"] == ["top-up"]


def test_clauses_about_a_number_say_nothing_about_a_top_up(outcomes_of):
    assert set(outcomes_of(**A_TOP_UP, channel="api", kind="invalid_number")) == {
        "top-up",
        "already-returned",
        "claim-window",
        "clear-reason",
        "terms",
        "one-live-claim",
    }


def test_a_top_up_is_no_telegram_number(outcomes_of):
    outcomes = outcomes_of(**A_TOP_UP, telegram_rules=True, two_factor=True, channel="api")
    assert "telegram-2fa-api" not in outcomes


def test_a_number_is_no_top_up(outcomes_of):
    assert outcomes_of()["top-up"] == "met"


def test_the_message_says_where_the_credit_is(message_of):
    assert "stays in your balance" in message_of("top-up", **A_TOP_UP)
