from decimal import Decimal

import pytest
from phonenumbers import SUPPORTED_REGIONS

from claims.templatetags.countries import COUNTRIES
from claims.templatetags.numbers import flag, megabytes, minutes, money, service_name, signed


@pytest.mark.parametrize(
    ("slug", "name"),
    [("whatsapp", "WhatsApp"), ("telegram", "Telegram"), ("some-shop_two", "Some shop two")],
)
def test_a_service_is_written_as_it_writes_itself(slug, name):
    assert service_name(slug) == name


def test_a_flag_has_its_countrys_name():
    assert flag("DE") == '<span role="img" aria-label="Germany" title="Germany">🇩🇪</span>'
    assert 'aria-label="ZZ"' in flag("ZZ")


def test_every_country_with_phone_numbers_has_a_name():
    assert set(SUPPORTED_REGIONS) - set(COUNTRIES) <= {"AC", "TA"}


def test_amounts_have_two_decimals_a_currency_and_a_sign():
    assert money(Decimal("1234.5"), "EUR") == "1,234.50\N{NO-BREAK SPACE}EUR"
    assert signed(Decimal("2.5"), "USD") == "+2.50\N{NO-BREAK SPACE}USD"
    assert signed(Decimal("-2.5"), "USD") == "\N{MINUS SIGN}2.50\N{NO-BREAK SPACE}USD"


def test_limits_are_told_in_the_units_that_people_use():
    assert megabytes(10 * 1024 * 1024) == "10\N{NO-BREAK SPACE}MB"
    assert megabytes(1024 * 1024 + 512 * 1024) == "1.5\N{NO-BREAK SPACE}MB"
    assert minutes(180.0) == "3\N{NO-BREAK SPACE}minutes"
    assert minutes(60) == "1\N{NO-BREAK SPACE}minute"
