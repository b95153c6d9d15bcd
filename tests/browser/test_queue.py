"""The queue by keyboard, and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from claims.models import Lease, SavedFilter
from tests.browser.pages import sign_in
from tests.makers import make_claim, make_order

QUEUE = "/admin/claims/claim/"


@pytest.fixture
def claim(ann):
    return make_claim(make_order(ann, sms=True), kind="invalid_number", proofs=("screenshot",))


def test_n_takes_the_next_claim_but_not_while_one_writes(open_page, sue, claim):
    page = open_page(width=1280)
    sign_in(page, sue.email)
    page.goto(QUEUE)
    search = page.get_by_role("searchbox")
    search.press("n")
    expect(search).to_have_value("n")
    assert not Lease.objects.exists()
    search.blur()

    page.keyboard.press("n")

    page.wait_for_url(re.compile(rf"/{claim.pk}/review/"))
    assert Lease.objects.get().holder == sue


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without"])
def test_filters_are_chosen_kept_and_found_again(javascript, open_page, sue, claim):
    page = open_page(width=820, javascript=javascript)
    sign_in(page, sue.email)
    page.goto(QUEUE)
    page.locator("summary", has_text="Kind").click()
    page.get_by_role("link", name="Invalid number", exact=True).click()
    expect(page.get_by_role("link", name=claim.code)).to_be_visible()
    page.locator("summary", has_text="Save this view").click()
    page.get_by_label("Name").fill("Invalid ones")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name=re.compile("Closed")).click()

    page.get_by_role("link", name="Invalid ones").click()

    expect(page.get_by_role("link", name=claim.code)).to_be_visible()
    assert SavedFilter.objects.get().query == "tab=open&kind=invalid_number"
