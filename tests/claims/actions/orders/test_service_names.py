"""Services, countries and phone numbers as shops and suppliers write them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from claims.actions.orders.service_names import resolve_services
from claims.formats.order_reports import read_report
from claims.formats.text_values import TextValues
from claims.models import Number
from tests.claims.actions.orders.received import order, reasons, receive
from tests.claims.actions.orders.reports import NOW, NUMBER, bought, topped_up

pytestmark = pytest.mark.django_db

ODD = [
    # The order's id, the service, country and phone as sent; the same as the portal knows them.
    ("KZ-1", "telegram", "KZ", "+77012345678", "telegram", "KZ", "+77012345678"),
    ("RU-1", "telegram", "RU", "+79161234567", "telegram", "RU", "+79161234567"),
    ("KZRU-1", "telegram", "RU", "+77012345679", "telegram", "RU", "+77012345679"),
    ("US-1", "telegram", "US", "+12025550123", "telegram", "US", "+12025550123"),
    ("PR-1", "telegram", "PR", "+17875550123", "telegram", "PR", "+17875550123"),
    ("GG-1", "telegram", "GG", "+447781123456", "telegram", "GG", "+447781123456"),
    ("XK-1", "telegram", "XK", "+38343201234", "telegram", "XK", "+38343201234"),
    ("CW-1", "telegram", "CW", "+59995181234", "telegram", "CW", "+59995181234"),
    ("AQ-1", "telegram", "AQ", "+672102345", "telegram", "AQ", "+672102345"),
    ("MX-1", "telegram", "MX", "+5215512345678", "telegram", "MX", "+525512345678"),
    ("CI-1", "telegram", "CI", "+2250701234567", "telegram", "CI", "+2250701234567"),
    ("AR-1", "telegram", "AR", "+5491123456789", "telegram", "AR", "+5491123456789"),
    ("UK-1", "telegram", "UK", "+447911123456", "telegram", "GB", "+447911123456"),
    ("IR-1", "Any other", "IR", "+989121234567", None, "IR", "+989121234567"),
    ("SV-1", "google,youtube,gmail", "DE", "+4915112340001", "google", "DE", "+4915112340001"),
    ("SV-2", "вконтакте", "DE", "+4915112340002", "vkontakte", "DE", "+4915112340002"),
    ("SV-3", "1688", "DE", "+4915112340003", "1688", "DE", "+4915112340003"),
    ("SV-4", "Telegram", "DE", "+4915112340004", "telegram", "DE", "+4915112340004"),
    ("SV-5", "tg", "DE", "+4915112340005", "telegram", "DE", "+4915112340005"),
    ("XX-1", "telegram-messenger", "XX", "hidden-12345", None, "", ""),
    ("PH-1", "wa", "de", "4915112340006", "whatsapp", "DE", "+4915112340006"),
    ("PH-2", "wa", "DE", "tel:0049 151 12340007", "whatsapp", "DE", "+4915112340007"),
]


def read(**row):
    return read_report(TextValues(NUMBER | row), line=2, now=NOW)


@pytest.mark.parametrize("odd", ODD, ids=[row[0] for row in ODD])
def test_each_odd_order_arrives_as_it_was_meant(odd):
    order_id, *sent = odd[:4]
    service, country, phone = sent

    answer = receive(
        topped_up(), read(order_id=order_id, service=service, country=country, phone=phone)
    )

    number = order(order_id).number
    assert answer.refused == []
    assert (number.service_id, number.country, number.phone) == odd[4:]
    assert [number.service_sent, number.country_sent, number.phone_sent] == sent
    assert number.is_of_another_country is (order_id == "KZRU-1")


def test_a_batch_asks_the_catalogue_once():
    reports = [
        read(order_id=f"N-{n}", service=name) for n, name in enumerate(["tg", "wa", "?"] * 9)
    ]

    with CaptureQueriesContext(
        connection,
    ) as queries:
        resolved = resolve_services(reports)

    assert len(queries) == 1
    assert {report.service for report in resolved} == {"telegram", "whatsapp", ""}


def test_two_spellings_of_one_service_agree():
    receive(topped_up(), read(service="tg"))

    answer = receive(read(service="Telegram"))

    assert (answer.unchanged, answer.refused) == (1, [])
    assert order().number.service_sent == "tg"


def test_two_spellings_of_an_unknown_name_agree():
    receive(topped_up(), read(service="Some Chat"))

    assert receive(read(service="some  chat")).unchanged == 1
    assert reasons(receive(read(service="other chat"))) == [
        "service can't change: other chat here, some chat before"
    ]


def test_an_unmapped_order_and_a_known_service_contradict_each_other():
    receive(topped_up(), read(service="some-chat"))

    assert reasons(receive(bought(two_factor=True))) == [
        "service can't change: telegram here, some-chat before"
    ]
    assert Number.objects.get().service is None


def test_the_spelling_of_a_batch_is_the_earliest_ones_in_any_order():
    reports = [
        read(service="TG", updated_at="2026-04-01T12:05:00+00:00"),
        read(service="tg", updated_at="2026-04-01T12:01:00+00:00"),
    ]

    receive(topped_up(), *reports)

    assert order().number.service_sent == "tg"
