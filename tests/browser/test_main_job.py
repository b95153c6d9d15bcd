"""The whole path: the customer's claim, the reviewer's decision, the credit, and the export."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import CreditAccount, CreditTransfer
from claims.models import Claim, Number, Order
from tests.browser.conftest import Site
from tests.browser.pages import sign_in
from tests.makers import PASSWORD, make_order
from tests.media import make_screenshot, make_video
from tests.processes import PATIENCE, wait_until

pytestmark = pytest.mark.usefixtures("at_work")

REASON = "Telegram says that this number is banned, although the code arrived."


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    picture, video = tmp_path / "banned.png", tmp_path / "sign-in.mp4"
    picture.write_bytes(make_screenshot("This phone number is banned"))
    video.write_bytes(make_video(seconds=2))
    return [picture, video]


def order_card(page: Page, order: Order):
    return page.locator("li", has_text=Number.objects.get(order=order).formatted)


def fill_in(page: Page, files: list[Path]) -> None:
    page.get_by_label("Invalid number").check()
    page.get_by_role("group", name="Does Telegram ask for a password").get_by_label("Yes").check()
    page.get_by_label("What happened?").fill(REASON)
    page.get_by_label("Screenshots and videos").set_input_files(files)
    page.get_by_label("I accept the terms").check()


def wait_for_the_worker(page: Page, files: int) -> None:
    """Reload until the page shows the worker's result."""
    checked = page.locator(".tile__state", has_text="Checked")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and checked.count() < files:
        page.wait_for_timeout(100)
        page.reload()
    expect(checked).to_have_count(files)


def file_a_claim(page: Page, order: Order, files: list[Path]) -> Claim:
    sign_in(page, order.customer.email)
    order_card(page, order).get_by_role("link", name="File a claim").click()
    fill_in(page, files)
    page.get_by_role("button", name="Check my claim").click()
    expect(page.get_by_role("heading", name="Check and send")).to_be_visible()
    page.get_by_role("button", name="Send my claim").click()
    page.wait_for_url("**/claims/CLM-*/")
    claim = Claim.objects.get(order=order)
    expect(page.locator(".page-header")).to_contain_text(claim.code)
    return claim


def approve(page: Page, claim: Claim) -> None:
    page.goto("/admin/")
    page.get_by_label("Email").fill("sue@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto("/admin/claims/claim/")
    page.get_by_role("link", name=claim.code).click()
    page.get_by_role("button", name="Take this claim").click()
    for question in page.locator("fieldset.question").all():
        question.get_by_label("Yes").check()
    page.get_by_label("Note to the customer").fill(
        "The supplier confirmed that the number is banned."
    )
    page.locator("summary", has_text="Approve").click()
    page.get_by_role("button", name="Approve, return").click()
    expect(page.get_by_text("is approved")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_a_claim_goes_all_the_way_to_the_credit_line(
    javascript, site: Site, open_page, ann, sue, rita, files
):
    order = make_order(ann, service="telegram", sms=True, price="3.20")
    phone, desk = open_page(javascript=javascript), open_page(javascript=javascript, width=1280)

    claim = file_a_claim(phone, order, files)
    wait_for_the_worker(phone, files=2)
    approve(desk, claim)

    claim.refresh_from_db()
    assert claim.status == Claim.Status.REFUNDED
    assert claim.proofs() == {"screenshot", "video"}
    assert claim.customer_two_factor
    assert CreditTransfer.objects.get(kind="return").key == f"charge:{order.charge_id}:return"
    assert str(CreditAccount.objects.get(owner=ann).balance) == "3.20"
    phone.reload()
    expect(phone.get_by_text("The supplier confirmed").first).to_be_visible()
    phone.goto("/credit/")
    row = phone.locator("tr", has_text=claim.code)
    expect(row).to_contain_text("3.20")
    row.get_by_role("link", name=claim.code).click()
    expect(phone.locator(".page-header")).to_contain_text(claim.code)
    _mail_told_the_customer(site, claim)


def _mail_told_the_customer(site: Site, claim: Claim) -> None:
    wanted, mails = f"Claim {claim.code}: your credit is back", site.data_dir / "mail"
    wait_until(lambda: any(wanted in mail.read_text() for mail in mails.glob("*.log")))


def test_the_reviewer_sees_the_picture_and_the_video(site, open_page, ann, sue, files):
    order = make_order(ann, service="telegram", sms=True)
    phone, desk = open_page(), open_page(width=1280, dark=True)
    claim = file_a_claim(phone, order, files)
    wait_for_the_worker(phone, files=2)
    sign_in(desk, "sue@example.com")

    desk.goto(f"/admin/claims/claim/{claim.pk}/review/")

    # Two files are sent side by side, and either may arrive first.
    desk.locator(".strip__file", has_text="picture").click()
    picture = desk.locator("[data-pane] img")
    picture.wait_for()
    shown = "img => img.complete && img.naturalWidth > 100"
    desk.wait_for_function(shown, arg=picture.element_handle())
    desk.locator(".strip__file", has_text="video").click()
    desk.locator("video").wait_for()
    seconds = desk.locator("video").evaluate(
        """async video => {
            video.muted = true;
            video.currentTime = 1;
            await video.play();
            return video.duration;
        }"""
    )
    assert seconds == pytest.approx(2, abs=0.3)


def test_the_export_comes_as_a_file(site, open_page, ann, rita, files, tmp_path):
    phone, desk = open_page(), open_page(width=1280)
    claim = file_a_claim(phone, make_order(ann, service="telegram", sms=True), files)
    sign_in(desk, "rita@example.com")
    desk.goto("/admin/claims/claim/")

    with desk.expect_download() as download:
        desk.get_by_role("link", name="Export").click()

    text = Path(download.value.path()).read_text()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["code"] for row in rows] == [claim.code]
    assert rows[0]["price"] == "2.50"


def test_the_credit_of_an_expired_order_comes_back_at_the_press_of_a_button(site, open_page, ann):
    order = make_order(ann, activation="waiting", price="1.90")
    phone = open_page()
    sign_in(phone, "ann@example.com")

    card = order_card(phone, order)
    button = card.get_by_role("button", name="Cancel and return my credit")
    # The sweep may have been first; either way the price went back once.
    if button.is_visible():
        button.click()
    phone.goto("/orders/")

    expect(order_card(phone, order)).to_contain_text("returned")
    assert CreditTransfer.objects.filter(kind="return").count() == 1
    assert str(CreditAccount.objects.get(owner=ann).balance) == "1.90"
