"""Files for a claim that is open, and files that arrived only in part."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from claims.actions.uploads import pieces
from claims.models import Claim, Order, Upload
from tests.browser.lines import Line
from tests.browser.pages import choose, fill_in, sign_in, tile
from tests.makers import make_claim, make_order

FIELD = "More screenshots and videos (optional)"


@pytest.fixture
def claim(ann) -> Claim:
    return make_claim(make_order(ann, completed=True), kind="major_defect")


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("page_of", ["{}", "{}evidence/"], ids=["claim-page", "own-page"])
def test_a_file_is_sent_while_the_message_is_written(page_of, open_page, claim, shot):
    page = open_page()
    sign_in(page, claim.order.customer.email)
    page.goto(page_of.format(claim.get_absolute_url()))
    summary = page.get_by_text("Add files or a message")
    if summary.is_visible():
        summary.click()
    line = Line(page)

    choose(page, shot, field=FIELD)
    page.get_by_label("Your message").fill("Here is the screen.")
    page.get_by_role("button", name="Send to our support team").click()
    expect(
        page.get_by_text("The form is sent when your files have arrived", exact=True)
    ).to_be_visible()
    line.open()

    expect(page.get_by_text("It is part of your claim now")).to_be_visible()
    assert claim.evidence.get().upload.original_name == "banned.png"
    assert claim.messages.get().body == "Here is the screen."
    evidence = page.locator("[data-live=evidence] .tile")
    expect(evidence).to_contain_text("Checked")
    expect(evidence.locator("img")).to_be_visible()


def test_without_a_script_a_file_that_came_in_part_says_so(open_page, ann, shot):
    order = make_order(ann, completed=True)
    _begin(order, "half.mp4", size=5_000_000)
    page = open_page(javascript=False)
    sign_in(page, "ann@example.com")
    page.goto(f"/orders/{order.shop_id}/claim/")

    half = tile(page, "half.mp4")
    expect(half).to_contain_text("of 4.8 MB arrived. Choose the file again.")
    fill_in(page, kind="Major defect")
    choose(page, shot)
    page.get_by_role("button", name="Check my claim").click()
    expect(page.locator("main")).to_contain_text("half.mp4: only 0")
    page.get_by_role("button", name="Go back and change it").click()
    half.get_by_role("button", name="Remove half.mp4").click()

    expect(half).to_have_count(0)
    expect(tile(page, "banned.png")).to_be_visible()
    assert Upload.objects.get(original_name="half.mp4").state == "removed"


def _begin(order: Order, name: str, *, size: int) -> Upload:
    return pieces.begin_upload(
        order=order, by=order.customer, name=name, size=size, now=timezone.now()
    )
