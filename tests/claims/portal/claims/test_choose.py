"""The customer's choice on the page of a claim: the replacement or the price back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from claims.actions.review import offers
from claims.models import Claim
from tests.claims.actions.review.replacement_requests import provided, refused, tell
from tests.makers import ANSWERS, make_claim, make_lease, make_order, newest_event


@pytest.fixture
def offered(ann, sue) -> Claim:
    claim = make_claim(make_order(ann, sms=True, price="3.00"), kind="major_defect")
    make_lease(claim, sue)
    offers.offer_replacement(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS,
        note="Another German number?", now=timezone.now(),
    )  # fmt: skip
    claim.refresh_from_db()
    return claim


def choose(client, claim: Claim, choice: str):
    return client.post(f"/claims/{claim.code}/choice/", {"choice": choice}, follow=True)


def test_the_page_says_what_there_is_to_choose_and_until_when(offered, ann_client):
    page = ann_client.get(offered.get_absolute_url())

    said = page.content.decode()
    assert "Another German number?" in said
    assert f'action="/claims/{offered.code}/choice/"' in said
    assert 'value="replacement"' in said
    assert 'value="refund"' in said
    assert page.context["offer"].answer_by == offered.offers.get().made_at + timedelta(days=7)


def test_the_price_is_chosen(offered, ann_client):
    page = choose(ann_client, offered, "refund")

    offered.refresh_from_db()
    assert offered.status == "refunded"
    assert page.context["timeline"][-1].title == "You chose the price back"
    assert "Thank you, we have your choice." in page.content.decode()
    assert 'value="refund"' not in page.content.decode()


def test_the_replacement_is_chosen(offered, ann_client):
    page = choose(ann_client, offered, "replacement")

    offered.refresh_from_db()
    assert offered.status == "offered"
    assert page.context["timeline"][-1].title == "You chose the replacement"
    said = page.content.decode()
    assert "Your replacement is on its way" in said
    assert "The shop has time to answer" in said
    assert 'value="replacement"' not in said


@pytest.mark.parametrize("choice", ["", "lapsed", "gold"])
def test_what_is_no_choice_changes_nothing(choice, offered, ann_client):
    page = choose(ann_client, offered, choice)

    offered.refresh_from_db()
    assert offered.status == "offered"
    assert "Choose the replacement or the price back." in page.content.decode()


def test_a_second_thought_is_told_that_it_is_too_late(offered, ann_client):
    choose(ann_client, offered, "replacement")
    page = choose(ann_client, offered, "refund")

    offered.refresh_from_db()
    assert offered.status == "offered"
    assert offered.offers.get().choice == "replacement"
    assert "There is nothing to choose here now." in page.content.decode()


def test_who_got_another_number_finds_it_from_the_claim_and_from_both_orders(offered, ann_client):
    choose(ann_client, offered, "replacement")
    asked = offered.replacements.get()
    tell(provided(asked, at=timezone.now()), now=timezone.now())
    old, new = offered.order.shop_id, f"R-{asked.pk}"

    claim_page = " ".join(ann_client.get(offered.get_absolute_url()).content.decode().split())
    orders = " ".join(ann_client.get("/orders/").content.decode().split())

    assert "You have another number for this one, at no cost." in claim_page
    assert f'Replaced by <a href="/orders/?q={new}">order {new}</a>' in claim_page
    assert "You got another number for this one" in claim_page
    assert f"The other number is order {new}." in orders
    assert f'Replaces order <span class="amount">{old}</span>, at no cost' in orders


def test_if_the_shop_has_none_the_customer_reads_why_the_price_is_back(offered, ann_client):
    choose(ann_client, offered, "replacement")
    tell(refused(offered.replacements.get(), at=timezone.now()), now=timezone.now())

    page = ann_client.get(offered.get_absolute_url())

    assert page.context["timeline"][-1].title == (
        "The shop has no such number, so you get the price back"
    )
