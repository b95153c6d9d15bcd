import pytest

from claims.formats.countries import country_in


@pytest.mark.parametrize(
    ("sent", "country"),
    [
        ("DE", "DE"),
        ("de", "DE"),
        ("UK", "GB"),
        ("uk", "GB"),
        ("England", "GB"),
        ("USA", "US"),
        ("XK", "XK"),
    ],
)
def test_a_country_is_known_by_its_code_or_an_alias(sent, country):
    assert country_in(sent) == country


@pytest.mark.parametrize("sent", ["XX", "ZZ", "AA", "QQ", "", "D", "Atlantis", "49", "1"])
def test_what_names_no_country_is_unknown(sent):
    assert country_in(sent) == ""
