"""Every spelling of an address, in a file or in an event, names one customer."""

import pytest
from django.core.management import call_command

from accounts.models import CreditAccount, User
from claims.actions.shop.inbound_events import receive_shop_events
from claims.formats.fields import BadRow
from claims.formats.order_reports import read_report
from claims.formats.text_values import TextValues
from claims.models import Order, ShopEvent
from tests.claims.actions.orders.reports import NOW, NUMBER, TOP_UP
from tests.claims.actions.shop.shop_messages import created, message
from tests.claims.management.test_importorders import as_csv
from tests.makers import make_user

pytestmark = pytest.mark.django_db
STORED = "jörg@xn--mller-kva.example"
SPELLINGS = ["jörg@müller.example", "JÖRG@XN--MLLER-KVA.EXAMPLE", " jo\u0308rg@Müller.example "]


def test_files_and_events_meet_one_person(tmp_path):
    rows = [
        TOP_UP | {"order_id": f"T-{number}", "customer_email": typed}
        for number, typed in enumerate(SPELLINGS)
    ]
    path = tmp_path / "orders.csv"
    path.write_bytes(as_csv(*rows))
    call_command("importorders", str(path))
    purchase = NUMBER | {"customer_email": SPELLINGS[1]}
    bonus = {"amount": "5.00", "currency": "EUR", "reason": "bonus"}
    receive_shop_events(
        messages=[
            created("1", purchase, after_noon=1),
            message("2", "credit.adjusted", 2, customer_email=SPELLINGS[0], **bonus),
            message("3", "customer.upserted", 3, customer_email=SPELLINGS[2], customer_name="Jörg"),
        ],
        now=NOW,
    )

    person = User.objects.get()
    assert (person.email, person.display_name) == (STORED, "Jörg")
    assert Order.objects.filter(customer=person).count() == 4
    assert str(CreditAccount.objects.get(owner=person).balance) == "62.50"
    events = ShopEvent.objects.exclude(customer_email="")
    assert set(events.values_list("customer_email", "state")) == {(STORED, "applied")}


def test_a_person_who_signed_up_before_gets_their_orders():
    person = make_user(STORED)
    receive_shop_events(messages=[created("1", TOP_UP, customer_email=SPELLINGS[1])], now=NOW)

    assert Order.objects.get().customer == person


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("Jörg@example.com", "jörg@example.com"),
        ("a@müller.example", "a@xn--mller-kva.example"),
        ("ANN+shop@Example.COM", "ann+shop@example.com"),
        ("سلمى@مثال.إختبار", "سلمى@xn--mgbh0fb.xn--kgbechtv"),
        (" spaced@example.com ", "spaced@example.com"),
        ("o'brien@example.com", "o'brien@example.com"),
    ],
)
def test_addresses_of_a_file_are_read(typed, stored):
    row = TOP_UP | {"customer_email": typed}
    assert read_report(TextValues(row), line=3, now=NOW).customer_email == stored


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("7@messenger", ""),
        ("a@xn--a.example", ""),
        ("a\u202eb@example.com", ": before the @ is a blank or an invisible character"),
        (f"{'ü' * 33}@example.com", ": the part before the @ is longer than 64 bytes"),
    ],
)
def test_other_texts_are_refused_with_a_reason(typed, why):
    with pytest.raises(BadRow) as bad:
        read_report(TextValues(TOP_UP | {"customer_email": typed}), line=3, now=NOW)
    (reason,) = bad.value.reasons
    assert reason.startswith(
        f"customer_email “{typed}” is not an email address{why}; leave it empty"
    )
