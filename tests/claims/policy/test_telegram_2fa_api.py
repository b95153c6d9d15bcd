from itertools import product

import pytest

from claims.policy import Kind

PROOFS = [[], ["screenshot"], ["video"], ["screenshot", "video"]]


@pytest.mark.parametrize("kind", [*Kind, None])
@pytest.mark.parametrize("proofs", PROOFS)
def test_a_telegram_2fa_number_bought_through_the_api_bars_every_kind(outcomes_of, kind, proofs):
    outcomes = outcomes_of(
        kind=kind, proofs=proofs, telegram_rules=True, two_factor=True, channel="api"
    )
    assert outcomes["telegram-2fa-api"] == "failed"


@pytest.mark.parametrize(
    ("telegram_rules", "two_factor", "channel"),
    [
        case
        for case in product([True, False], [True, False], ["web", "api"])
        if case != (True, True, "api")
    ],
)
def test_every_other_number_is_free_of_the_bar(outcomes_of, telegram_rules, two_factor, channel):
    outcomes = outcomes_of(telegram_rules=telegram_rules, two_factor=two_factor, channel=channel)
    assert outcomes["telegram-2fa-api"] == "met"


def test_the_message_says_what_to_do_when_the_number_has_no_2fa(message_of):
    message = message_of("telegram-2fa-api", telegram_rules=True, two_factor=True, channel="api")
    assert "please tell our support team" in message
