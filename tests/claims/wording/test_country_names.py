import pytest
from django.conf import settings
from django.utils.translation import override
from phonenumbers import SUPPORTED_REGIONS

from claims.wording.country_names import country_name


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_every_country_with_phone_numbers_has_a_name_in_every_language(language):
    with override(language):
        nameless = {code for code in SUPPORTED_REGIONS if country_name(code) == code}

    assert nameless == set()


@pytest.mark.parametrize(
    ("language", "names"),
    [("en", ["Germany", "Kosovo", "Czechia"]), ("de", ["Deutschland", "Kosovo", "Tschechien"])],
)
def test_a_country_is_named_in_the_language_that_is_active(language, names):
    with override(language):
        assert [country_name(code) for code in ("DE", "XK", "CZ")] == names


def test_without_any_language_the_name_is_english():
    with override(None):
        assert country_name("DE") == "Germany"


def test_a_code_that_no_country_has_stays_itself():
    assert country_name("QQ") == "QQ"
