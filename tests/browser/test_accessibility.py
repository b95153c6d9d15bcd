"""axe finds no barrier on any page, in light and in dark."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from PIL.PngImagePlugin import PngInfo
from playwright.sync_api import Page, expect

from accounts.models import User
from claims.actions.customer import filing
from claims.actions.review import offers
from claims.models import Claim
from tests.browser.lines import Line
from tests.browser.pages import choose, fill_in, open_form, sign_in, tile, wait_for_upload
from tests.makers import (
    ANSWERS,
    REASON,
    make_claim,
    make_lease,
    make_order,
    make_upload,
    make_user,
    newest_event,
)
from tests.media import make_screenshot

HTML = "text/html; charset=utf-8"


# To read a sheet that imports another, axe writes a style of its own, which our policy refuses.
AXE: dict[str, Any] = {"preload": False, "resultTypes": ["violations"]}
# Links fade from one theme's colour to the other's.
FADED = """() => {
    document.body.getBoundingClientRect();
    const fading = document.getAnimations().filter((each) => each instanceof CSSTransition);
    return Promise.allSettled(fading.map((each) => each.finished)).then(() => null);
}"""


def findings(page: Page, where: str) -> list[str]:
    """Return the findings of all rules in the light theme, or of the rules on colours in the dark
    one.

    A page that opens after a click may have no body yet, so the check waits for it first.
    """
    page.wait_for_load_state()
    page.emulate_media(color_scheme="dark")
    colours = {"runOnly": ["color-contrast", "link-in-text-block"]}
    said = _findings(page, f"{where}, dark", colours)
    page.emulate_media(color_scheme="light")
    return said + _findings(page, f"{where}, light", {})


def _findings(page: Page, where: str, rules: dict[str, list[str]]) -> list[str]:
    page.evaluate(FADED)
    found = Axe().run(page, options=AXE | rules).response["violations"]
    return [
        f"{where}: {rule['id']} at {node['target']}: {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"]
    ]


def assert_open_to_all(page: Page, where: str) -> None:
    said = findings(page, where)
    assert not said, "\n".join(said)


@pytest.fixture
def claim(ann) -> Claim:
    """Return a claim that support is looking at, with a picture."""
    return claim_with(make_screenshot(), ann)


def claim_with(picture: bytes, customer: User) -> Claim:
    order = make_order(customer, sms=True)
    upload = make_upload(order, content=picture)
    return filing.file_claim(
        order_id=order.pk, by=customer, kind="invalid_number", reason=REASON,
        customer_two_factor=False, terms_accepted=True, uploads=[upload.token],
        submission=uuid4(), now=timezone.now(),
    )  # fmt: skip


def test_a_replacement_or_the_price_is_chosen(open_page, ann, sue):
    claim = make_claim(make_order(ann, sms=True, price="3.00"), kind="major_defect")
    make_lease(claim, sue)
    offers.offer_replacement(
        claim_id=claim.pk, by=sue, seen=newest_event(claim), answers=ANSWERS, note="Another one?",
        now=timezone.now(),
    )  # fmt: skip
    page = open_page()
    sign_in(page, "ann@example.com")
    page.goto(claim.get_absolute_url())
    assert_open_to_all(page, "offer")

    page.get_by_role("button", name="I want the price back").click()

    expect(page.get_by_text("Thank you, we have your choice.")).to_be_visible()
    expect(page.locator("#decision")).to_contain_text("+3.00")
    claim.refresh_from_db()
    assert claim.status == "refunded"


def test_the_pages_of_a_customer(open_page, order, claim):
    page = open_page()
    page.goto("/account/login/")
    assert_open_to_all(page, "login")
    sign_in(page, order.customer.email)
    for path in (
        "/orders/",
        "/claims/",
        "/credit/",
        "/notices/",
        "/policy/",
        claim.get_absolute_url(),
        f"{claim.get_absolute_url()}evidence/",
        f"/orders/{order.shop_id}/claim/",
    ):
        page.goto(path)
        assert_open_to_all(page, path)
    page.goto(claim.get_absolute_url())
    page.get_by_text("Add files or a message").click()
    assert_open_to_all(page, "a claim with its answer form")


@pytest.mark.usefixtures("at_work")
def test_the_form_with_files_in_every_state(open_page, order, tmp_path, expected):
    expected.append("422")
    page = open_page()
    open_form(page, order)
    names = ("good.png", "damaged.png", "sending.png", "paused.png")
    good, damaged, sending, paused = (tmp_path / name for name in names)
    for file in (good, sending, paused):
        file.write_bytes(make_screenshot(file.name))
    damaged.write_bytes(make_screenshot()[:-3000])
    wrong = tmp_path / "wrong.gif"
    wrong.write_bytes(b"GIF89a")

    choose(page, good, damaged)
    expect(tile(page, good.name)).to_contain_text("Checked")
    expect(tile(page, damaged.name)).to_contain_text("Can’t be used")
    line = Line(page)
    choose(page, sending, paused, wrong)
    line.wait_for_pieces(2)
    page.get_by_role("button", name=f"Pause {paused.name}").click()
    page.get_by_role("button", name="Record the screen").click()
    assert_open_to_all(page, "a form with files on their way")
    fill_in(page)
    page.get_by_role("button", name="Check my claim").click()
    expect(page.locator("[data-holding]")).to_be_visible()
    assert_open_to_all(page, "a form that waits for its files")

    _the_errors_and_the_check(page, line)


def _the_errors_and_the_check(page: Page, line: Line) -> None:
    page.get_by_role("button", name="Keep writing").click()
    page.get_by_label("What happened?").fill("Short")
    page.get_by_role("button", name="Check my claim").click()
    line.held.clear()
    page.get_by_role("button", name="Go on without them").click()
    expect(page.locator("#problems")).to_be_visible()
    assert_open_to_all(page, "a form with errors")
    line.open()
    fill_in(page)
    page.get_by_role("button", name="Check my claim").click()
    expect(page.get_by_role("heading", name="Check and send")).to_be_visible()
    assert_open_to_all(page, "the check page")


def test_the_recorder_in_each_of_its_states(open_page, order):
    page = open_page(width=1280)
    open_form(page, order)
    page.get_by_role("button", name="Record the screen").click()
    assert_open_to_all(page, "the recorder")
    page.get_by_role("button", name="Start recording").click()
    expect(page.get_by_role("timer")).to_have_text(re.compile("^0:0[1-9] of 3:00"))
    assert_open_to_all(page, "the recorder while it records")
    page.get_by_role("button", name="Stop recording").click()
    expect(page.get_by_label("Your recording")).to_be_visible()
    assert_open_to_all(page, "the recorder's preview")


@pytest.mark.usefixtures("at_work")
def test_the_pages_of_the_reviewer(open_page, sue, ann):
    text = PngInfo()
    text.add_text("Software", "Picsart")
    text.add_text("Creation Time", "2026:11:20 10:11:12")
    picture = make_screenshot(pnginfo=text)
    earlier, claim = (claim_with(picture, person) for person in (make_user("bob@example.com"), ann))
    page = open_page(width=1280)
    for each in (earlier, claim):
        wait_for_upload(page, each.order, "accepted")
    sign_in(page, "sue@example.com")
    page.goto("/admin/claims/claim/")
    said = findings(page, "the queue")
    page.goto(f"/admin/claims/claim/{claim.pk}/review/")
    expect(page.locator(".seen__pair img")).to_have_count(2)
    expect(page.get_by_role("heading", name="The file says")).to_be_visible()
    expect(page.locator(".remark").first).to_be_visible()
    said += findings(page, "the review page")
    assert not said, "\n".join(said)


def test_what_one_sees_when_something_is_wrong(open_page, sue, expected, client):
    """The site under test shows Django's own debug pages; these come from Django's test client."""
    expected += ["404", "403"]
    client.force_login(sue)
    page = open_page(width=1280)
    sign_in(page, sue.email)
    page.goto("/admin/password_change/done/")
    assert_open_to_all(page, "a changed password")
    for path, heading in (
        ("/admin/nothing-here/", "Page not found"),
        ("/admin/accounts/user/add/", "You can't open this page"),
    ):
        said = client.get(path)
        answer = {"status": said.status_code, "body": said.content, "content_type": HTML}
        page.route(f"**{path}", lambda route, _, answer=answer: route.fulfill(**answer))
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert_open_to_all(page, path)
