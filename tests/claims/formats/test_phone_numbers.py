import pytest

from claims.formats.phone_numbers import is_of_another_country, phone_in


@pytest.mark.parametrize(
    "sent",
    [
        "+4915112345678",
        "4915112345678",
        "004915112345678",
        "00 49 151 12345678",
        "tel:+4915112345678",
        "TEL:+49-151-12345678",
        " +49 (0) 151 1234 5678 ",
        "49 1511 234-5678",
        "\uff0b\uff14\uff1915112345678",
    ],
)
def test_a_number_is_read_as_suppliers_write_it(sent):
    assert phone_in(sent) == "+4915112345678"


@pytest.mark.parametrize("sent", ["+5215512345678", "5215512345678", "005215512345678"])
def test_an_old_mexican_mobile_number_loses_its_1(sent):
    assert phone_in(sent) == "+525512345678"


@pytest.mark.parametrize(
    "sent",
    ["", "123", "hidden-12345", "015112345678", "15112345678", "+", "00", "+999 1234567", "tel:"],
)
def test_what_is_no_international_number_is_unknown(sent):
    assert phone_in(sent) == ""


def test_a_national_number_never_passes_for_another_countrys():
    assert phone_in("+15112345678") == "+15112345678"
    assert phone_in("15112345678") == ""


@pytest.mark.parametrize(
    ("phone", "country", "is_of_another"),
    [
        ("+77012345679", "RU", True),
        ("+77012345679", "KZ", False),
        ("+79161234567", "RU", False),
        ("+12025550123", "US", False),
        ("+17875550123", "PR", False),
        ("+447911123456", "GB", False),
        ("+447781123456", "GG", False),
        ("+672102345", "AQ", False),
        ("+4915112345678", "FR", True),
        ("+4915112345678", "", False),
        ("", "DE", False),
    ],
)
def test_a_number_of_another_country_is_told(phone, country, is_of_another):
    assert is_of_another_country(phone, country) is is_of_another
