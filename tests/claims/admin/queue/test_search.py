from types import SimpleNamespace

import pytest
from django.utils import timezone

from claims.actions.customer.withdrawal import withdraw_claim
from claims.models import Claim
from claims.queries.review import claim_search
from tests.claims.admin.asking import codes, page, text_of
from tests.makers import make_claim, make_customer_id, make_order, make_user


@pytest.mark.parametrize(
    "text",
    [
        "+49 1512 3456789",
        "0049 1512-345 6789",
        "(01512) 3456789",
        "49/1512.345.6789",
        "+49 1512 34",
        "345 67 89",
        "6789",
        "BOB@example",
        "bob@example.com",
        "the-order-77",
        "THE-ORD",
        "  bob@example.com ",
    ],
)
def test_phone_email_and_order_are_found_however_written(text, ann, bob, sue, browse):
    make_claim(make_order(ann, phone="+4915170000000"))
    wanted = make_claim(make_order(bob, phone="+4915123456789", shop_id="The-Order-77"))

    assert codes(browse(sue), q=text) == [wanted.code]


@pytest.mark.parametrize(
    "spelt",
    [
        str,
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.removeprefix("CLM-").lower(),
        lambda code: code.replace("-", " "),
        lambda code: code[:13],
        lambda code: code.replace("0", "o").replace("1", "l"),
    ],
)
def test_a_code_is_found_in_any_spelling(spelt, ann, sue, browse, monkeypatch):
    make_claim(make_order(ann))
    letters = iter("7K3M9QXD2F01")
    chance = SimpleNamespace(choice=lambda _: next(letters))
    monkeypatch.setattr("claims.models.claim_code.secrets", chance)
    claim = make_claim(make_order(ann))
    assert claim.code == "CLM-7K3M-9QXD-2F01"

    assert codes(browse(sue), q=spelt(claim.code)) == [claim.code]


def test_a_search_looks_on_all_tabs_and_shows_the_newest_first(ann, sue, browse):
    closed, still_open = make_claim(make_order(ann)), make_claim(make_order(ann))
    withdraw_claim(claim_id=closed.pk, by=ann, now=timezone.now())

    assert codes(browse(sue), tab="mine", q="ann@") == [still_open.code, closed.code]
    assert codes(browse(sue), q="ann@", status="withdrawn") == [closed.code]


@pytest.mark.parametrize(
    "text", ["%", "_", "nn@example", "xample.com", "'", "\\", "é", "12", "+", "CLM-", "x" * 5000]
)
def test_what_is_no_beginning_finds_nothing(text, ann, sue, browse):
    make_claim(make_order(ann))

    assert codes(browse(sue), q=text) == []
    assert "No claim matches" in text_of(browse(sue), q=text)


def test_more_than_fits_is_told(ann, sue, browse, monkeypatch):
    monkeypatch.setattr(claim_search, "MOST_FOUND", 2)
    for _ in range(2):
        make_claim(make_order(ann))
    assert not page(browse(sue), q="ann@").has_more_found
    make_claim(make_order(ann))

    shown = page(browse(sue), q="ann@")
    assert (len(shown.claims), shown.has_more_found) == (2, True)
    assert "The search matches more claims than are shown" in text_of(browse(sue), q="ann@")


def test_more_people_than_are_looked_at_are_told(ann, sue, browse, monkeypatch):
    monkeypatch.setattr(claim_search, "MOST_LOOKED_AT", 2)
    for number in range(3):
        make_user(f"customer{number}@example.com")

    shown = page(browse(sue), q="customer")

    assert (shown.claims, shown.has_more_found) == ([], True)
    assert Claim.objects.count() == 0


def test_a_customer_id_of_the_shop_finds_claims_in_full(ann, bob, sue, browse):
    make_claim(make_order(ann))
    wanted = make_claim(make_order(bob))
    make_customer_id(bob, "tg:77.x")

    assert codes(browse(sue), q=" tg:77.x ") == [wanted.code]
    assert codes(browse(sue), q="tg:77") == []
