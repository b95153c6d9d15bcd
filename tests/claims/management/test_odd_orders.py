"""A file as shops really write them: currencies, phones, services, addresses and times.

Each row below must come to what stands beside it.
"""

from __future__ import annotations

import csv

import pytest
from django.core.management import CommandError, call_command

from claims.models import Order

TOP_UP = {
    "customer_email": "ann@example.com", "customer_name": "Ann", "product": "top_up",
    "channel": "web", "price": "5.00", "currency": "EUR",
    "purchased_at": "2026-04-28T10:00:00Z", "updated_at": "2026-04-28T10:00:00Z",
}  # fmt: skip
NUMBER = TOP_UP | {
    "product": "number", "service": "telegram", "country": "DE", "phone": "+4915112345678",
    "price": "1.00", "purchased_at": "2026-04-28T11:00:00Z",
    "allotted_until": "2026-04-28T11:20:00Z", "activation": "completed",
    "sms_received_at": "2026-04-28T11:02:00Z", "completed_at": "2026-04-28T11:03:00Z",
    "updated_at": "2026-04-28T11:03:00Z",
}  # fmt: skip
# The price and the currency of a top-up, with the price that is kept.
AMOUNTS = [
    ("500.00", "EUR", "500.00"),
    ("50000", "JPY", "50000"),
    ("50.125", "KWD", "50.125"),
    ("50.25", "KWD", "50.250"),
    ("9999999999.99", "EUR", "9999999999.99"),
    ("100", "USDT", "100.000000"),
]
# The price and the currency of a number.
PRICES = [("120", "JPY", "120"), ("0.125", "KWD", "0.125"), ("0", "EUR", "0.00")]
# The country and the phone as sent, with both as they are kept, and if the page says that the
# number is another country's.
PHONES = [
    ("JP", "+819012345678", "JP", "+819012345678", False),
    ("KZ", "+77012345678", "KZ", "+77012345678", False),
    ("RU", "+79161234567", "RU", "+79161234567", False),
    ("RU", "+77012345679", "RU", "+77012345679", True),
    ("US", "+12025550123", "US", "+12025550123", False),
    ("PR", "+17875550123", "PR", "+17875550123", False),
    ("GG", "+447781123456", "GG", "+447781123456", False),
    ("XK", "+38343201234", "XK", "+38343201234", False),
    ("CW", "+59995181234", "CW", "+59995181234", False),
    ("AQ", "+672102345", "AQ", "+672102345", False),
    ("MX", "+5215512345678", "MX", "+525512345678", False),
    ("CI", "+2250701234567", "CI", "+2250701234567", False),
    ("AR", "+5491123456789", "AR", "+5491123456789", False),
    ("UK", "+447911123456", "GB", "+447911123456", False),
]
SERVICES = [
    ("Any other", None), ("google,youtube,gmail", "google"), ("вконтакте", "vkontakte"),
    ("1688", "1688"), ("Telegram", "telegram"), ("tg", "telegram"),
]  # fmt: skip
ADDRESSES = [
    ("Jörg@example.com", "jörg@example.com"),
    ("a@müller.example", "a@xn--mller-kva.example"),
    ("a@xn--mller-kva.example", "a@xn--mller-kva.example"),
    ("ANN+shop@Example.COM", "ann+shop@example.com"),
    ("محمد@مثال.إختبار", "محمد@xn--mgbh0fb.xn--kgbechtv"),
    (" spaced@example.com ", "spaced@example.com"),
    ("o'brien@example.com", "o'brien@example.com"),
]
REFUSED = {
    "MS-1": (
        NUMBER | {"purchased_at": "1777366800"},
        "looks like seconds since 1970, which are not taken",
    ),
    "EM-8": (
        TOP_UP | {"customer_email": "123456@telegram"},
        "is not an email address; leave it empty for a customer without one, and give customer_id",
    ),
}


def rows():
    for n, (price, currency, _) in enumerate(AMOUNTS, 1):
        yield f"TOPX-{n}", TOP_UP | {"price": price, "currency": currency}
    for n, (price, currency, _) in enumerate(PRICES, 1):
        yield f"PRICE-{n}", NUMBER | {"price": price, "currency": currency}
    for n, (country, phone, *_) in enumerate(PHONES, 1):
        yield f"PHONE-{n}", NUMBER | {"country": country, "phone": phone}
    for n, (service, _) in enumerate(SERVICES, 1):
        yield f"SV-{n}", NUMBER | {"service": service}
    for n, (address, _) in enumerate(ADDRESSES, 1):
        yield f"EM-{n}", TOP_UP | {"customer_email": address}
    # The name of the customer has a mark that turns the reading direction, and emoji.
    yield "NAME-1", TOP_UP | {"customer_name": "\N{RIGHT-TO-LEFT OVERRIDE}محمد علي🎉"}
    yield "TG-1", TOP_UP | {"customer_email": "", "customer_id": "123456"}
    yield "SUP-1", NUMBER | {"supplier_order_id": "S-1", "supplier_cost": "0.40"}
    yield "LS-1", NUMBER | {"purchased_at": "2026-04-27T23:59:60Z"}
    yield "5S-1", NUMBER | {"purchased_at": "2026-04-28T11:00:00.123456789Z"}
    for order_id, (row, _) in REFUSED.items():
        yield order_id, row


@pytest.fixture
def told(tmp_path, capsys, db):
    """Import the file, and return what the command wrote of its bad rows."""
    path = tmp_path / "odd.csv"
    columns = dict.fromkeys(name for _, row in rows() for name in row)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, ["order_id", *columns])
        writer.writeheader()
        writer.writerows({"order_id": order_id, **row} for order_id, row in rows())
    with pytest.raises(CommandError, match=f"Bad rows: {len(REFUSED)}"):
        call_command("importorders", str(path))
    return capsys.readouterr().err


def order(order_id):
    return Order.objects.select_related("number", "customer").get(shop_id=order_id)


def test_each_row_is_right(told):
    kept = {each.shop_id: each for each in Order.objects.select_related("number", "customer")}
    prices = [*((f"TOPX-{n}", price) for n, (*_, price) in enumerate(AMOUNTS, 1)),
              *((f"PRICE-{n}", price) for n, (*_, price) in enumerate(PRICES, 1))]  # fmt: skip

    assert [str(kept[order_id].price) for order_id, _ in prices] == [price for _, price in prices]
    for n, (_, sent, country, phone, is_foreign) in enumerate(PHONES, 1):
        number = kept[f"PHONE-{n}"].number
        assert (number.country, number.phone, number.phone_sent) == (country, phone, sent)
        assert number.is_of_another_country is is_foreign
    services = [kept[f"SV-{n}"].number.service_id for n, _ in enumerate(SERVICES, 1)]
    assert services == [slug for _, slug in SERVICES]
    addresses = [kept[f"EM-{n}"].customer.email for n, _ in enumerate(ADDRESSES, 1)]
    assert addresses == [address for _, address in ADDRESSES]
    assert kept.keys() == {order_id for order_id, _ in rows()} - REFUSED.keys()


def test_each_refused_row_says_why(told):
    for _, reason in REFUSED.values():
        assert reason in told


def test_a_customer_without_an_address_has_an_id(told):
    customer = order("TG-1").customer

    assert (customer.email, customer.customer_ids.get().customer_id) == ("", "123456")


def test_the_suppliers_columns_are_kept(told):
    number = order("SUP-1").number

    assert (number.supplier_order_id, str(number.supplier_cost)) == ("S-1", "0.40")


def test_the_sixtieth_second_is_the_next_one_and_nanoseconds_are_cut(told):
    assert order("LS-1").purchased_at.isoformat() == "2026-04-28T00:00:00+00:00"
    assert order("5S-1").purchased_at.isoformat() == "2026-04-28T11:00:00.123456+00:00"
