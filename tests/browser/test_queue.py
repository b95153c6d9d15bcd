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


def test_a_selection_counts_itself_and_takes_the_whole_page_with_it(open_page, ann, sue):
    claims = [make_claim(make_order(ann)) for _ in range(3)]
    page = open_page(width=1280)
    sign_in(page, sue.email)
    page.goto(QUEUE)
    act = page.get_by_role("button", name="Act on the selected claims")
    every = page.get_by_label("All on this page")
    expect(act).to_be_disabled()

    page.get_by_label(f"Select {claims[0].code}").check()

    expect(page.get_by_text("1 selected")).to_be_visible()
    assert every.evaluate("box => box.indeterminate")
    every.check()
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_label(f"Select {claims[1].code}").uncheck()
    expect(page.get_by_text("2 selected")).to_be_visible()
    expect(every).not_to_be_checked()
    act.click()
    for claim in (claims[0], claims[2]):
        expect(page.get_by_text(claim.code)).to_be_visible()
    expect(page.get_by_text(claims[1].code)).to_have_count(0)
