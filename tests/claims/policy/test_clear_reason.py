import pytest

from claims.policy import Terms

TWENTY = "no code came at all."


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        (TWENTY, "met"),
        (TWENTY[:-1], "failed"),
        (f"  {TWENTY[:-1]} \n", "failed"),
        ("", "failed"),
        (" " * 40, "failed"),
        ("\u200b" * 40, "failed"),
        ("no  code  came   at all!", "met"),
        ("no code      came at", "failed"),
        ("no code\n\n\ncame\tat all", "failed"),
        ("no code\n\n\ncame\tat all!", "met"),
        ("no\u200b\u200b\u200b\u200b code came\u00ad at", "failed"),
        ("a" * 20, "failed"),
        ("a " * 20, "failed"),
        (".\u200b" * 20, "failed"),
        ("a" * 19 + "b", "met"),
        ("ab" * 10, "met"),
        ("Код так и не пришёл!", "met"),
        ("验证码一直没有收到我等了很久很久都没有来", "met"),
    ],
)
def test_a_reason_needs_twenty_readable_characters(outcomes_of, reason, outcome):
    assert outcomes_of(reason=reason)["clear-reason"] == outcome


@pytest.mark.parametrize("kind", [None, ""])
def test_a_reason_needs_a_kind(outcomes_of, message_of, kind):
    assert outcomes_of(kind=kind)["clear-reason"] == "failed"
    assert message_of("clear-reason", kind=kind) == "Please choose what went wrong."


def test_a_missing_kind_and_a_short_reason_are_both_named(message_of):
    message = message_of("clear-reason", kind=None, reason="no code")
    assert "choose what went wrong" in message
    assert "at least 20 characters" in message


def test_one_character_repeated_gets_its_own_message(message_of):
    message = message_of("clear-reason", reason="x" * 30)
    assert "one character repeated" in message
    assert "at least" not in message


def test_the_length_is_the_terms_own(message_of):
    message = message_of("clear-reason", terms=Terms(reason_min_length=60))
    assert "at least 60 characters" in message
