"""Recording the screen in the page, with Chromium's fake screen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from claims.models import Order, Upload
from tests.browser.pages import open_form, tile
from tests.makers import make_order

pytestmark = pytest.mark.usefixtures("at_work")


@pytest.fixture
def order(ann) -> Order:
    return make_order(ann, sms=True, service="telegram")


@pytest.fixture
def page(open_page, order) -> Page:
    page: Page = open_page(width=1280)
    open_form(page, order)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def record_for_two_seconds(page: Page) -> None:
    press(page, "Start recording")
    expect(page.get_by_role("timer")).to_have_text(re.compile("^0:0[2-9] of 3:00"))
    press(page, "Stop recording")
    expect(page.get_by_label("Your recording")).to_be_visible()


def test_the_screen_is_recorded_looked_at_recorded_again_and_used(page, order):
    press(page, "Record the screen")
    expect(page.get_by_role("region", name="Record your screen")).to_contain_text(
        "For Telegram, record the whole sign-in"
    )
    record_for_two_seconds(page)
    first = page.get_by_label("Your recording").get_attribute("src")
    press(page, "Record again")
    expect(page.get_by_role("timer")).to_have_text(re.compile("^0:0[2-9] of 3:00"))
    press(page, "Stop recording")
    shown = page.get_by_label("Your recording")
    expect(shown).not_to_have_attribute("src", str(first))
    expect(shown).to_have_js_property("error", None)
    assert shown.evaluate("video => video.play().then(() => video.videoWidth)") > 0

    press(page, "Use this recording")

    expect(page.get_by_role("region", name="Record your screen")).to_be_hidden()
    expect(page.get_by_role("button", name="Record the screen")).to_be_focused()
    expect(tile(page, "Screen recording")).to_contain_text("Checked")
    upload = Upload.objects.get(order=order)
    assert upload.state == "accepted"
    assert upload.kind == "video"
    assert 1 <= upload.report["duration"] <= 4
    assert re.fullmatch(r"Screen recording \d\d\.\d\d\.\d\d\.mp4", upload.original_name)


def test_while_the_panel_is_open_nothing_opens_it_anew(page):
    opener = page.get_by_role("button", name="Record the screen")
    press(page, "Record the screen")
    expect(opener).to_be_hidden()
    press(page, "Start recording")
    expect(opener).to_be_hidden()
    press(page, "Discard")
    expect(opener).to_be_focused()

    press(page, "Record the screen")
    press(page, "Cancel")

    expect(opener).to_be_focused()
    expect(page.get_by_role("region", name="Record your screen")).to_be_hidden()


def test_where_mp4_cannot_be_recorded_webm_is(page, order):
    page.evaluate(
        """() => {
            const known = MediaRecorder.isTypeSupported;
            MediaRecorder.isTypeSupported = type => type.includes("webm") && known(type);
        }"""
    )
    press(page, "Record the screen")
    record_for_two_seconds(page)

    press(page, "Use this recording")

    expect(tile(page, "Screen recording")).to_contain_text("Checked")
    upload = Upload.objects.get(order=order)
    assert upload.original_name.endswith(".webm")
    assert 1 <= upload.report["duration"] <= 4
    kept = tile(page, "Screen recording").locator("video[controls]")
    expect(kept).to_have_attribute("src", f"/evidence/{upload.token}/video/")
    assert kept.evaluate("video => video.play().then(() => video.duration)") >= 1


def test_it_stops_by_itself_at_the_limit(open_page, order):
    page = open_page(width=1280)
    # The document is read, and its scripts haven't started.
    page.add_init_script(
        """document.addEventListener("readystatechange", () => {
            document.querySelector("[data-recorder]")?.setAttribute("data-seconds", "2");
        }, { once: true })"""
    )
    open_form(page, order)
    press(page, "Record the screen")
    press(page, "Start recording")

    recording = page.get_by_label("Your recording")
    expect(recording).to_be_visible()
    expect(page.get_by_role("button", name="Use this recording")).to_be_focused()
    press(page, "Discard")

    expect(recording).to_be_hidden()
    expect(page.locator("[data-list] .tile")).to_have_count(0)
    assert not Upload.objects.filter(order=order).exists()


def test_a_refused_permission_is_explained(page, order):
    page.evaluate(
        """() => { navigator.mediaDevices.getDisplayMedia = async () => {
            throw new DOMException("Permission denied", "NotAllowedError");
        } }"""
    )
    press(page, "Record the screen")
    press(page, "Start recording")

    expect(page.get_by_role("alert")).to_contain_text("The screen was not shared.")
    expect(page.get_by_role("alert")).to_contain_text("allow it to record the screen")
    expect(page.get_by_role("button", name="Start recording")).to_be_focused()


def test_sharing_that_ends_in_the_browser_ends_the_recording(page):
    page.evaluate(
        """() => {
            const share = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
            navigator.mediaDevices.getDisplayMedia = async (wish) => {
                window.shared = await share(wish);
                return window.shared;
            };
        }"""
    )
    press(page, "Record the screen")
    press(page, "Start recording")
    expect(page.get_by_role("timer")).to_have_text(re.compile("^0:0[1-9] of 3:00"))

    # A track that a script stops sends no event; a track that the browser stops does.
    page.evaluate(
        """() => { for (const track of window.shared.getTracks()) {
            track.stop();
            track.dispatchEvent(new Event("ended"));
        } }"""
    )

    expect(page.get_by_role("button", name="Use this recording")).to_be_visible()
