"""The review page by keyboard, by mouse and without a script."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import CreditAccount, CreditTransfer
from claims.actions.customer import filing
from claims.actions.review import leases
from claims.models import CannedReply, Claim, Decision, Lease, Order, Upload
from tests.browser.pages import sign_in
from tests.browser.test_accessibility import assert_open_to_all
from tests.makers import REASON, make_claim, make_lease, make_order, make_staff, make_upload
from tests.media import make_screenshot, make_video
from tests.processes import PATIENCE

QUESTIONS = 3  # SMS not received
MINUTE = 60_000  # ms


def url_of(claim: Claim) -> str:
    return f"/admin/claims/claim/{claim.pk}/review/"


def opened(page: Page, claim: Claim) -> None:
    """Wait until this claim's page and its scripts have loaded."""
    expect(page.locator("h1 .code")).to_have_text(claim.code)
    expect(page.locator("[data-opens-keys]")).to_be_visible()


def open_desk(page: Page, claim: Claim, *, who: str = "sue@example.com") -> None:
    sign_in(page, who)
    page.goto(url_of(claim))


def shown(order: Order, *contents: tuple[str, bytes]) -> Claim:
    """Return a claim on an order with these files, as its customer files it."""
    uploads = [
        make_upload(order, kind=kind, content=content, name=f"{kind}.bin")
        for kind, content in contents
    ]
    return filing.file_claim(
        order_id=order.pk, by=order.customer, kind="invalid_number", reason=REASON,
        customer_two_factor=False, terms_accepted=True,
        uploads=[upload.token for upload in uploads], submission=uuid4(), now=timezone.now(),
    )  # fmt: skip


def wait_until_accepted(page: Page, claims: Sequence[Claim]) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        states = set(Upload.objects.values_list("state", flat=True))
        if states == {Upload.State.ACCEPTED}:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"The worker is not done with {claims}: {states}.")


@pytest.fixture
def ten(ann) -> list[Claim]:
    """Return claims in the order in which they are due, with reasons that tell them apart."""
    now = timezone.now()
    return [
        make_claim(
            make_order(ann, sms=True),
            reason=f"{REASON} {turn}",
            now=now - timedelta(minutes=50 - turn),
        )
        for turn in range(10)
    ]


def type_keys(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def approve_by_keys(page: Page) -> None:
    type_keys(page, "1 2 3 4 a Enter")


def reject_by_keys(page: Page) -> None:
    """Answer the third question with No, which names the clause."""
    type_keys(page, "1 2 3 3 r")
    expect(page.locator("#id_note")).to_be_focused()
    page.keyboard.type("The code had arrived a minute later.")
    page.keyboard.press("Control+Enter")


def ask_by_keys(page: Page) -> None:
    page.keyboard.press("e")
    expect(page.locator("#id_note")).to_be_focused()
    page.keyboard.type("Please send a picture of what the service says.")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("[data-act=ask] [data-confirm]")).to_be_focused()
    page.keyboard.press("Enter")


def test_ten_claims_are_decided_by_keyboard_alone(open_page, ann, sue, ten):
    page = open_page(width=1280)
    open_desk(page, ten[0])
    opened(page, ten[0])
    page.keyboard.press("t")
    by_keys = [approve_by_keys, reject_by_keys, ask_by_keys]

    for turn, claim in enumerate(ten):
        opened(page, claim)
        expect(page.locator("[data-told]")).to_contain_text("You have this claim until")
        by_keys[turn % 3](page)

    expect(page.get_by_text("No claim is waiting for you.")).to_be_visible()
    assert page.url.endswith("/admin/claims/claim/")
    ended = [Claim.objects.get(pk=claim.pk).status for claim in ten]
    assert ended == ["refunded", "rejected", "waiting_customer"] * 3 + ["refunded"]
    assert CreditTransfer.objects.filter(kind="return").count() == 4
    rejections = Decision.objects.filter(outcome="rejection")
    assert {(each.clause, each.note) for each in rejections} == {
        ("server-side", "The code had arrived a minute later.")
    }
    assert str(CreditAccount.objects.get(owner=ann).balance) == "10.00"
    assert not Lease.objects.exists()


def test_keys_answer_open_and_close_and_are_letters_while_writing(open_page, ann, sue, ten):
    page = open_page(width=1280)
    make_lease(ten[0], sue)
    open_desk(page, ten[0])
    opened(page, ten[0])
    first = page.locator("[data-question]").first

    page.keyboard.press("1")
    expect(first.get_by_label("Yes")).to_be_checked()
    page.keyboard.press("1")
    expect(first.get_by_label("No")).to_be_checked()
    page.keyboard.press("1")
    page.keyboard.press("Shift+Digit1")
    expect(first.get_by_label("No")).to_be_checked()
    page.keyboard.press("w")
    page.keyboard.type("rant 12 e?")
    expect(page.locator("#id_note")).to_have_value("rant 12 e?")
    expect(page.locator("[data-act][open]")).to_have_count(0)
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    expect(page.locator("[data-act=approve] [data-act-told]")).to_have_text(
        re.compile("Unanswered questions")
    )
    page.keyboard.press("r")
    expect(page.locator("[data-act][open]")).to_have_count(1)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator("[data-act][open]")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_label("Single-key shortcuts").uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("[data-act][open]")).to_have_count(0)
    assert not Decision.objects.exists()


@pytest.fixture
def evidence(ann) -> Claim:
    """Return a claim with a picture, a video of two seconds and a picture; the first was used
    before.
    """
    first = make_screenshot("This phone number is banned")
    shown(make_order(ann, sms=True), ("screenshot", first))
    return shown(
        make_order(ann, sms=True),
        ("screenshot", first),
        ("video", make_video(seconds=2)),
        ("screenshot", make_screenshot("Enter the code")),
    )


@pytest.mark.usefixtures("at_work")
def test_the_viewer_works_by_keyboard_and_by_mouse(open_page, sue, evidence):
    page = open_page(width=1280)
    sign_in(page, "sue@example.com")
    wait_until_accepted(page, [evidence])
    page.goto(url_of(evidence))
    opened(page, evidence)
    files = page.locator("[data-file]")
    expect(page.locator("[data-file]:visible")).to_have_count(1)

    _a_picture_is_zoomed_moved_and_turned(page)
    _it_stands_beside_where_it_was_seen(page)
    page.keyboard.press("j")
    expect(files.nth(1)).to_be_visible()
    _a_video_goes_frame_by_frame(page)
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(files.nth(2)).to_be_visible()
    page.keyboard.press("k")
    expect(page.locator("[data-said]")).to_have_text(re.compile("File 2 of 3"))
    page.locator("[data-strip] a").first.click()
    expect(files.first).to_be_visible()
    expect(page.locator("[data-file]:visible")).to_have_count(1)


def style(page: Page) -> str:
    found: str = page.locator("[data-file]:visible [data-pane] img").first.evaluate(
        "img => img.style.transform"
    )
    return found


def _a_picture_is_zoomed_moved_and_turned(page: Page) -> None:
    told = page.locator("[data-file]:visible [data-scale]")
    type_keys(page, "+ +")
    expect(told).to_have_text("156 %")
    before = style(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    assert style(page) != before
    page.keyboard.press("]")
    expect(told).to_have_text("156 %, turned 90°")
    page.keyboard.press("[")
    page.keyboard.press("0")
    expect(told).to_have_text("100 %")
    page.locator("[data-file]:visible [data-stage]").hover()
    page.mouse.wheel(0, -100)
    expect(told).to_have_text("125 %")
    page.get_by_role("button", name="Larger").click()
    before = style(page)
    box = page.locator("[data-file]:visible [data-stage]").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 30, middle[1] + 40)
    page.mouse.up()
    assert style(page) != before
    page.get_by_role("button", name="Fit").click()
    expect(told).to_have_text("100 %")


def _it_stands_beside_where_it_was_seen(page: Page) -> None:
    panes = page.locator("[data-file]:visible [data-pane]")
    page.keyboard.press("c")
    expect(panes).to_have_count(2)
    page.keyboard.press("+")
    scaled = panes.locator("img").evaluate_all("all => all.map(img => img.style.transform)")
    assert scaled[0] == scaled[1] != ""
    page.get_by_role("button", name="Side by side").click()
    expect(panes).to_have_count(1)


def _a_video_goes_frame_by_frame(page: Page) -> None:
    video = page.locator("[data-file]:visible video")
    page.wait_for_function("video => video.readyState >= 2", arg=video.element_handle())

    def at() -> float:
        moment: float = video.evaluate("video => video.currentTime")
        return moment

    type_keys(page, ". . .")
    assert 0.09 <= at() <= 0.5
    three = at()
    page.keyboard.press(",")
    assert at() < three
    page.keyboard.press("ArrowRight")
    assert at() == pytest.approx(2, abs=0.3)
    page.keyboard.press("ArrowLeft")
    assert at() == 0
    type_keys(page, "] ]")
    assert video.evaluate("video => video.playbackRate") == 2
    page.get_by_role("button", name="Slower").click()
    assert video.evaluate("video => video.playbackRate") == 1.5
    page.keyboard.press("p")
    page.wait_for_function("video => video.currentTime > 0.1", arg=video.element_handle())
    page.keyboard.press("p")
    assert video.evaluate("video => video.paused")


def test_a_claim_that_went_to_somebody_else_is_told_and_keeps_what_was_typed(
    open_page, ann, sue, ten
):
    tom = make_staff("tom@example.com", "Support")
    claim = ten[0]
    make_lease(claim, sue)
    page = open_page(width=1280)
    sign_in(page, "sue@example.com")
    page.clock.install()
    page.goto(url_of(claim))
    opened(page, claim)
    page.locator("#id_note").fill("Half a sentence")
    with page.expect_response("**/renew/") as renewal:
        page.clock.fast_forward(MINUTE + 1000)
    assert renewal.value.ok
    expect(page.locator("[data-lost]")).to_be_hidden()

    leases.release(claim_id=claim.pk, by=sue)
    make_lease(claim, tom)
    page.clock.fast_forward(MINUTE + 1000)

    lost = page.get_by_role("alert").filter(has_text="no longer yours")
    expect(lost).to_contain_text("Tom has been working on this claim since")
    expect(page.locator("[data-confirm]:not([disabled])")).to_have_count(0)
    leases.release(claim_id=claim.pk, by=tom)
    page.get_by_role("button", name="Take it again").click()
    opened(page, claim)
    expect(page.locator("#id_note")).to_have_value("Half a sentence")
    assert Lease.objects.get().holder == sue


def test_an_open_page_keeps_the_claim(open_page, ann, sue, ten):
    lease = make_lease(ten[0], sue, now=timezone.now() - timedelta(minutes=2))
    page = open_page(width=1280)
    sign_in(page, "sue@example.com")
    page.clock.install()
    page.goto(url_of(ten[0]))
    opened(page, ten[0])

    with page.expect_response("**/renew/"):
        page.clock.fast_forward(MINUTE + 1000)

    assert Lease.objects.get().until > lease.until


def test_a_canned_reply_goes_into_the_note_by_keyboard(open_page, ann, sue, ten):
    CannedReply.objects.create(name="First", body="Hello {name}, about {claim}.")
    CannedReply.objects.create(name="Second", body="Dear {name}.")
    make_lease(ten[0], sue)
    page = open_page(width=1280)
    open_desk(page, ten[0])
    opened(page, ten[0])
    note = page.locator("#id_note")

    page.keyboard.press("i")
    page.keyboard.press("ArrowDown")
    expect(note).to_have_value(f"Hello Ann, about {ten[0].code}.")
    page.keyboard.press("ArrowDown")
    expect(note).to_have_value("Dear Ann.")
    page.keyboard.press("Enter")
    expect(note).to_be_focused()
    page.keyboard.type(" Thank you.")
    expect(note).to_have_value("Dear Ann. Thank you.")


def test_without_a_script_every_decision_is_there(open_page, ann, sue, ten, expected):
    expected.append("422")
    page = open_page(javascript=False, width=820)
    open_desk(page, ten[0])
    page.get_by_role("button", name="Take this claim").click()
    page.get_by_role("link", name="Decide").click()

    page.locator("summary", has_text="Ask for evidence").click()
    page.get_by_role("button", name="Ask the customer").click()
    expect(page.get_by_role("alert")).to_contain_text("Write a note")
    page.get_by_label("Note to the customer").fill("Please send a picture.")
    page.locator("summary", has_text="Reject").click()
    page.get_by_label("Clause that the claim fails").select_option("server-side")
    page.get_by_role("button", name="Reject the claim").click()

    expect(page.locator("h1 .code")).to_have_text(ten[1].code)
    assert Decision.objects.get().note == "Please send a picture."
    assert Claim.objects.get(pk=ten[0].pk).status == Claim.Status.REJECTED


@pytest.mark.usefixtures("at_work")
def test_the_page_is_open_to_all(open_page, sue, evidence):
    CannedReply.objects.create(name="First", body="Hello {name}.")
    make_lease(evidence, sue)
    page = open_page(width=1280)
    sign_in(page, "sue@example.com")
    wait_until_accepted(page, [evidence])
    page.goto(url_of(evidence))
    opened(page, evidence)
    assert_open_to_all(page, "the review page")
    for key in ("a", "r"):
        page.keyboard.press(key)
        page.keyboard.press("Escape")
        assert_open_to_all(page, f"the review page after {key}")
    page.locator("summary", has_text="Correct the facts").click()
    page.locator("summary", has_text="Assignee").click()
    assert_open_to_all(page, "the review page, unfolded")
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("?")
    assert_open_to_all(page, "the list of keys")
    page.set_viewport_size({"width": 820, "height": 1100})
    page.keyboard.press("Escape")
    assert_open_to_all(page, "the review page on a tablet")
