import pytest

from claims.policy import needs_video

TELEGRAM = {"telegram_rules": True, "two_factor": True, "kind": "invalid_number"}


@pytest.mark.parametrize(
    ("proofs", "outcome"),
    [
        ([], "failed"),
        (["screenshot"], "failed"),
        (["video"], "met"),
        (["screenshot", "video"], "met"),
    ],
)
def test_a_telegram_2fa_number_needs_a_video(outcomes_of, proofs, outcome):
    assert outcomes_of(**TELEGRAM, proofs=proofs)["telegram-2fa-video"] == outcome


@pytest.mark.parametrize(
    "changes",
    [
        {"telegram_rules": False},
        {"two_factor": False},
        {"two_factor": False, "channel": "api"},
        {"kind": "sms_not_received"},
        {"kind": "major_defect"},
        {"kind": None},
    ],
)
def test_a_screenshot_is_enough_everywhere_else(make_facts, outcomes_of, changes):
    claim = {**TELEGRAM, **changes, "proofs": ["screenshot"]}
    assert "telegram-2fa-video" not in outcomes_of(**claim)
    assert not needs_video(make_facts(**claim))


def test_a_form_can_ask_whether_a_video_is_needed(make_facts):
    assert needs_video(make_facts(**TELEGRAM))


def test_the_message_asks_for_a_video(message_of):
    message = message_of("telegram-2fa-video", **TELEGRAM, proofs=["screenshot"])
    assert "please add at least one video" in message
