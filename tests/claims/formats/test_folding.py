import pytest

from claims.formats.folding import folded


@pytest.mark.parametrize("name", ["tg", "TG", " tg ", "\uff34\uff27", "\tTg\n"])
def test_case_width_and_blanks_make_no_difference(name):
    assert folded(name) == "tg"


@pytest.mark.parametrize(
    ("one", "other"), [("Any  Other", "any other"), ("ВКОНТАКТЕ", "вконтакте")]
)
def test_names_of_several_words_and_of_other_scripts_fold_too(one, other):
    assert folded(one) == folded(other)


def test_folding_again_changes_nothing():
    assert folded(folded("\u0390\u01f0\ufdfaSTRASSE")) == folded("\u0390\u01f0\ufdfaSTRASSE")


def test_different_names_stay_different():
    assert folded("telegram") != folded("telegram-messenger")
