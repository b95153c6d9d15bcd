"""Failures while files are sent, and how the page continues."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from claims.models import Order, Upload
from tests.browser.lines import Line
from tests.browser.pages import choose, is_whole, open_form, sign_in, tile, wait_for_upload

pytestmark = pytest.mark.usefixtures("at_work")

OFFLINE = ["ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK_CHANGED"]


def test_a_lost_line_is_waited_for(open_page, order, photo, expected):
    expected += OFFLINE
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)

    page.context.set_offline(True)
    line.held.pop().abort("internetdisconnected")
    expect(tile(page, "photo.png")).to_contain_text("The connection is gone. Trying again")
    line.is_open = True
    page.context.set_offline(False)

    assert is_whole(wait_for_upload(page, order, "accepted"), photo)
    expect(tile(page, "photo.png")).to_contain_text("Checked")
    assert len(line.asked("POST")) == 1


def test_who_is_signed_out_signs_in_again_and_the_file_goes_on(open_page, order, photo, expected):
    expected += ["401", "403"]
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)
    page.context.clear_cookies()
    line.open()
    expect(tile(page, "photo.png")).to_contain_text("You are signed out. Your files stay")

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in again").click()
    other = opened.value
    sign_in(other, order.customer.email)
    other.close()
    page.bring_to_front()
    again = page.get_by_role("button", name="Try again photo.png")
    if again.is_visible():
        again.click()

    expect(tile(page, "photo.png")).to_contain_text("Checked")
    assert is_whole(Upload.objects.get(order=order), photo)


def test_a_server_that_is_busy_is_asked_again(open_page, order, photo, expected):
    expected += ["503", "409"]
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)
    sentence = "Files can't be kept just now."
    line.held.pop().fulfill(status=503, content_type="text/plain", body=sentence)
    expect(tile(page, "photo.png")).to_contain_text(f"{sentence} Trying again by itself")
    line.open()

    page.get_by_role("button", name="Try now photo.png").click()

    assert is_whole(wait_for_upload(page, order, "accepted"), photo)


def test_it_tries_again_by_itself_and_waits_longer_each_time(open_page, order, photo, expected):
    expected.append("503")
    page = open_page()
    open_form_on_a_stopped_clock(page, order)
    line = Line(page)
    page.evaluate(TIMES_OF_HEADS)
    choose(page, photo)
    began = page.evaluate("Date.now()")

    for _ in range(3):
        line.wait_for_pieces(1)
        line.held.pop().fulfill(status=503, content_type="text/plain", body="Not just now.")
        expect(tile(page, "photo.png")).to_contain_text("Not just now. Trying again by itself")
        page.clock.run_for(4_000)
    line.open()

    assert is_whole(wait_for_upload(page, order, "accepted"), photo)
    asked = page.evaluate("window.headsAt")
    # A wait ends somewhere in its second half, and the clock runs on to the whole.
    gaps = [at - began - 4_000 * number for number, at in enumerate(asked)]
    assert len(gaps) == 3
    for gap, longest in zip(gaps, (1_000, 2_000, 4_000), strict=True):
        assert longest / 2 <= gap <= longest


def open_form_on_a_stopped_clock(page: Page, order: Order) -> None:
    page.clock.install(time=NOON)
    open_form(page, order)
    page.clock.pause_at(NOON + HOUR)


NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)

HOUR = timedelta(hours=1)

TIMES_OF_HEADS = """() => {
    window.headsAt = [];
    const open = XMLHttpRequest.prototype.open;
    XMLHttpRequest.prototype.open = function (method, ...rest) {
        if (method === "HEAD") window.headsAt.push(Date.now());
        return open.call(this, method, ...rest);
    };
}"""


def test_half_a_minute_of_silence_is_a_lost_connection(open_page, order, photo):
    page = open_page()
    open_form_on_a_stopped_clock(page, order)
    line = Line(page)
    choose(page, photo)
    line.wait_for_pieces(1)

    page.clock.run_for(29_000)
    expect(tile(page, "photo.png")).to_contain_text("Sending, 0 %")
    page.clock.run_for(1_000)
    expect(tile(page, "photo.png")).to_contain_text("The connection is gone. Trying again")
    line.open()
    page.clock.run_for(1_000)

    assert is_whole(wait_for_upload(page, order, "accepted"), photo)
    assert len(line.asked("POST")) == 1


@pytest.mark.parametrize(
    "event", ["visibilitychange", "pageshow"], ids=["looked at again", "shown again"]
)
def test_a_laptop_that_was_closed_goes_on_as_soon_as_it_is_opened(
    event, open_page, order, photo, expected
):
    expected += OFFLINE
    page = open_page()
    open_form_on_a_stopped_clock(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)

    page.clock.fast_forward("08:00:00")
    expect(tile(page, "photo.png")).to_contain_text("The connection is gone. Trying again")
    heads = len(line.asked("HEAD"))
    line.open()
    page.evaluate(f"{TARGETS[event]}.dispatchEvent(new Event('{event}'))")

    assert is_whole(wait_for_upload(page, order, "accepted"), photo)
    assert len(line.asked("HEAD")) == heads + 1
    assert len(line.asked("POST")) == 1


TARGETS = {"visibilitychange": "document", "pageshow": "window"}


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (403, ""),
        (429, "You are sending 12 files already."),
        (507, "There is no room for files just now."),
    ],
)
def test_what_only_the_person_can_change_waits_for_the_person(
    status, sentence, open_page, order, photo, expected
):
    expected.append(str(status))
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    # The page renews a form token that is too old once, without a message.
    for _ in range(2 if status == 403 else 1):
        line.wait_for_pieces(1)
        line.held.pop().fulfill(status=status, content_type="text/plain", body=sentence)

    failed = tile(page, "photo.png")
    expect(failed).to_contain_text(sentence or "The server couldn’t take it just now.")
    expect(failed).to_have_attribute("data-state", "failed")
    line.open()
    page.get_by_role("button", name="Try again photo.png").click()

    assert is_whole(wait_for_upload(page, order, "accepted"), photo)
    assert len(line.asked("POST")) == 1


def test_whoever_tries_again_gets_a_new_token_again(open_page, order, photo, expected):
    expected.append("403")
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    for _ in range(2):
        line.wait_for_pieces(1)
        line.held.pop().fulfill(status=403)
    page.get_by_role("button", name="Try again photo.png").click()
    line.wait_for_pieces(1)
    line.held.pop().fulfill(status=403)
    line.open()

    assert is_whole(wait_for_upload(page, order, "accepted"), photo)


@pytest.mark.parametrize("status", [404, 410])
def test_what_the_server_has_forgotten_is_sent_again_from_its_beginning(
    status, open_page, order, photo, expected
):
    expected.append(str(status))
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)
    Upload.objects.filter(order=order).update(
        state="removed", removed_at=timezone.now(), received_at=timezone.now()
    )
    line.held.pop().fulfill(status=status, content_type="text/plain", body="It is gone.")

    forgotten = tile(page, "photo.png")
    expect(forgotten).to_contain_text("It is gone.")
    expect(forgotten).to_have_attribute("data-state", "gone")
    line.open()
    page.get_by_role("button", name="Send again photo.png").click()

    expect(forgotten).to_contain_text("Checked")
    again = Upload.objects.get(order=order, state="accepted")
    assert is_whole(again, photo)
    assert len(line.asked("POST")) == 2


def test_two_windows_do_not_send_the_same_file_at_once(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)

    other = page.context.new_page()
    second = Line(other, is_open=True)
    other.goto(page.url)
    expect(tile(other, "photo.png")).to_contain_text("Waiting for its turn")
    assert second.asked("PATCH") == []
    page.close()

    expect(tile(other, "photo.png")).to_contain_text("Checked")
    assert is_whole(Upload.objects.get(order=order), photo)
