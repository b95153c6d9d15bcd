import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from claims.formats.phone_numbers import to_e164, validate_e164
from claims.models import Number

PLAIN = {"phone": "+4915112345678", "service": "telegram", "country": "DE"}


@pytest.mark.parametrize(
    "text", ["+4915112345678", "+49 1511 2345678", " +49 (0) 1511-2345678 ", "+49151 12345678"]
)
def test_a_number_is_written_in_e164(text):
    assert to_e164(text) == "+4915112345678"


@pytest.mark.parametrize(
    "text", ["", "123", "015112345678", "telegram", "+", "+49", "+999 1234567"]
)
def test_what_is_no_international_number_is_refused(text):
    with pytest.raises(ValidationError) as refused:
        to_e164(text)

    assert refused.value.code == "phone"


def test_a_number_that_is_not_written_in_e164_is_told_how():
    with pytest.raises(ValidationError, match=r"Write the number as \+4915112345678"):
        validate_e164("+49 1511 2345678")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"phone": "4915112345678"}, "phone_is_e164"),
        ({"phone": "+0915112345678"}, "phone_is_e164"),
        ({"phone": "+49"}, "phone_is_e164"),
        ({"phone": "+49 151 123456"}, "phone_is_e164"),
        ({"phone": ""}, "phone_is_e164"),
        ({"service": ""}, "service_is_a_slug"),
        ({"service": "Telegram"}, "service_is_a_slug"),
        ({"service": "-telegram"}, "service_is_a_slug"),
        ({"country": "de"}, "country_is_iso_3166"),
        ({"country": "D"}, "country_is_iso_3166"),
        ({"country": ""}, "country_is_iso_3166"),
    ],
)
def test_the_database_refuses_an_impossible_number(changes, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Number.objects.create(**(PLAIN | changes))


@pytest.mark.django_db
def test_a_number_is_shown_with_its_service_and_as_people_write_it():
    number = Number.objects.create(**PLAIN)

    assert str(number) == "+4915112345678 (telegram)"
    assert number.formatted == "+49 1511 2345678"
