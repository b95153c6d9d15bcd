import pytest
from hypothesis import given
from hypothesis import strategies as st

from claims.policy import readable

INVISIBLE = "\u200b\u200d\u2060\ufeff\u00ad\u202e\x00\x7f"
WHITE_SPACE = " \t\n\r\u00a0\u2003\u3000"
TEXTS = st.text(st.characters() | st.sampled_from(INVISIBLE + WHITE_SPACE))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("  no code came  ", "no code came"),
        ("no\n\ncode\tcame", "no code came"),
        ("no \u00a0\u3000 code", "no code"),
        ("no\u200b co\u00adde\x00", "no code"),
        # White space on both sides of an invisible character is one space to a reader.
        ("no \u200b code \u200b", "no code"),
        ("\u200b\u2060\ufeff \x07", ""),
        # Fillers and blanks that aren't control or format characters, and characters that can't be
        # drawn.
        ("\u3164\u2800\u115f\u1160\uffa0\u034f\ufe0f\u17b4\U000e0100\ue000\u0378", ""),
        ("код не пришёл", "код не пришёл"),
    ],
)
def test_a_reason_is_read_without_what_cannot_be_seen(text, seen):
    assert readable(text) == seen


@given(TEXTS)
def test_reading_twice_is_reading_once(text):
    assert readable(readable(text)) == readable(text)


@given(TEXTS)
def test_a_read_reason_is_trimmed_and_never_longer(text):
    seen = readable(text)
    assert seen == seen.strip()
    assert "  " not in seen
    assert len(seen) <= len(text)


@given(TEXTS, st.data())
def test_invisible_characters_anywhere_change_nothing(text, data):
    cut = data.draw(st.integers(min_value=0, max_value=len(text)))
    padding = data.draw(st.text(st.sampled_from(INVISIBLE)))
    assert readable(text[:cut] + padding + text[cut:]) == readable(text)


@given(st.lists(st.text(st.sampled_from("abcй"), min_size=1)), st.data())
def test_words_are_kept_whatever_white_space_lies_between(words, data):
    gaps = st.text(st.sampled_from(WHITE_SPACE), min_size=1)
    text = "".join(word + data.draw(gaps) for word in words)
    assert readable(text) == " ".join(words)
