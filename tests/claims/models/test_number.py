import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from claims.formats.phone_numbers import to_e164, validate_e164
from claims.models import Number

PLAIN = {"phone": "+4915112345678", "service_id": "telegram", "country": "DE"}


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
        ({"phone": ""}, "phone_is_e164_or_as_sent"),
        ({"service_id": None}, "unmapped_service_is_as_sent"),
        ({"country": "de"}, "country_is_iso_3166"),
        ({"country": "D"}, "country_is_iso_3166"),
        ({"country": ""}, "country_is_iso_3166_or_as_sent"),
    ],
)
def test_the_database_refuses_an_impossible_number(changes, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        Number.objects.create(**(PLAIN | changes))


@pytest.mark.django_db
def test_the_database_refuses_a_service_that_the_catalogue_lacks():
    Number.objects.create(**(PLAIN | {"service_id": "telegramm"}))

    with pytest.raises(IntegrityError, match="claims_service"):
        connection.check_constraints()


@pytest.mark.django_db
def test_a_number_of_which_nobody_can_make_out_anything_is_kept_as_it_was_sent():
    number = Number.objects.create(
        phone_sent="hidden-12345", service_sent="telegram-messenger", country_sent="XX"
    )

    assert (number.phone, number.service, number.country) == ("", None, "")
    assert str(number) == "hidden-12345 (telegram-messenger)"
    assert number.service_name == "“telegram-messenger” (unknown service)"


@pytest.mark.django_db
def test_a_service_is_set_once_and_never_changes():
    number = Number.objects.create(**PLAIN | {"service_id": None}, service_sent="foo")
    numbers = Number.objects.filter(pk=number.pk)

    numbers.update(service="telegram")

    for service in ("whatsapp", None):
        with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
            numbers.update(service=service)
    assert numbers.get().service_id == "telegram"


@pytest.mark.django_db
def test_a_number_is_shown_with_its_service_and_as_people_write_it():
    number = Number.objects.create(**PLAIN)

    assert str(number) == "+4915112345678 (telegram)"
    assert number.formatted == "+49 1511 2345678"
