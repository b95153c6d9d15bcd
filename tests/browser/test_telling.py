"""The page reports the state of a file while it is sent and checked, without a reload."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from claims.actions.uploads import inspection
from claims.models import Claim, Order, Upload
from tests.browser.lines import Line
from tests.browser.pages import choose, fill_in, open_form, tile
from tests.media import make_video
from tests.processes import wait_until


def test_a_file_that_is_no_picture_is_refused_in_words(open_page, order, tmp_path, expected):
    expected.append("415")
    page = open_page()
    open_form(page, order)
    fake = tmp_path / "fake.png"
    fake.write_bytes(b"<html>" + b"no picture " * 600)

    choose(page, fake)

    expect(tile(page, "fake.png").locator(".tile__problem")).not_to_be_empty()
    expect(tile(page, "fake.png").get_by_role("button", name="Try again")).to_have_count(0)
    expect(page.locator("[data-voice]")).to_contain_text("fake.png: ")


def test_the_page_asks_soon_whether_a_file_is_checked_and_then_less_often(open_page, order, shot):
    page = open_page()
    open_form(page, order)
    page.evaluate(PAUSES)

    choose(page, shot)
    expect(tile(page, "banned.png")).to_contain_text("Being checked")

    wait_until(lambda: "1000,2000,3000,3000" in page.evaluate("window.pauses.join()"))


# The pause between two requests, in milliseconds. No worker answers, so the page keeps asking.
PAUSES = """() => {
    window.pauses = [];
    const wait = window.setTimeout;
    window.setTimeout = (then, pause, ...rest) => {
        if ([500, 1000, 2000, 3000, 15000].includes(pause)) window.pauses.push(pause);
        return wait(then, pause, ...rest);
    };
}"""


@pytest.mark.usefixtures("at_work")
def test_what_is_wrong_comes_without_a_reload_and_is_said(open_page, order, shot, tmp_path):
    page = open_page()
    open_form(page, order)
    damaged = tmp_path / "damaged.png"
    damaged.write_bytes(shot.read_bytes()[:-3000])

    choose(page, damaged, shot)
    voice = page.locator("[data-voice]")
    for name in ("damaged.png", "banned.png"):
        expect(voice).to_contain_text(f"{name} is here and is being checked.")
    remove = tile(page, "banned.png").get_by_role("button", name="Remove")
    remove.focus()

    expect(tile(page, "banned.png")).to_contain_text("Checked")
    expect(tile(page, "damaged.png")).to_contain_text("Can’t be used")
    expect(voice).to_contain_text("banned.png is checked and can be used.")
    expect(voice).to_contain_text("damaged.png can’t be used.")
    expect(remove).to_be_focused()
    shown = tile(page, "banned.png").locator("img")
    expect(shown).to_have_attribute("src", re.compile("/evidence/"))
    remove.click()
    expect(tile(page, "banned.png")).to_have_count(0)
    expect(tile(page, "damaged.png").get_by_role("button", name="Remove")).to_be_focused()
    states = Upload.objects.filter(order=order).values_list("original_name", "state")
    assert set(states) == {("damaged.png", "refused"), ("banned.png", "removed")}


def test_a_screen_reader_hears_how_far_it_is(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    voice = page.locator("[data-voice]")
    expect(voice).to_have_attribute("role", "status")

    choose(page, photo)
    line.wait_for_pieces(1)
    expect(voice).to_have_text("Sending photo.png.")
    line.let_one_through()
    line.wait_for_pieces(1)
    line.let_one_through()
    line.wait_for_pieces(1)
    expect(voice).to_have_text("Sending photo.png.photo.png: 25 % sent.")
    page.get_by_role("button", name="Pause photo.png").click()

    expect(voice).to_contain_text("photo.png: Paused at 49 %")


def test_a_file_says_how_long_it_still_takes(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.wait_for_pieces(1)
    # Pretend that the first piece, a sixth of the file, took this long.
    _ten_seconds_pass(page)

    line.let_one_through()
    line.wait_for_pieces(1)

    sending = tile(page, "photo.png")
    expect(sending).to_contain_text(
        re.compile(r"Sending, 1\d %, about (5\d seconds|1 minute) left")
    )
    expect(sending.get_by_role("progressbar")).to_have_attribute("value", re.compile(r"1\d"))


def test_a_pause_does_not_count_as_time_that_sending_takes(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.wait_for_pieces(1)
    _ten_seconds_pass(page)
    line.let_one_through()
    line.wait_for_pieces(1)
    page.get_by_role("button", name="Pause photo.png").click()
    line.held.clear()
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 3_600_000; }")

    page.get_by_role("button", name="Resume photo.png").click()
    line.wait_for_pieces(1)

    words = tile(page, "photo.png").locator(".tile__state")
    expect(words).to_have_text("Sending, 16 %")
    _ten_seconds_pass(page)
    line.let_one_through()
    line.wait_for_pieces(1)
    expect(words).to_have_text(re.compile(r"Sending, \d\d %, about \d\d seconds left"))


def _ten_seconds_pass(page: Page) -> None:
    page.evaluate("() => { const now = Date.now; Date.now = () => now() + 10_000; }")


def test_how_far_a_long_check_is_comes_without_a_reload(open_page, order):
    upload = unwatched_file(order)
    page = open_page()
    open_form(page, order)
    long = tile(page, "long.mp4")
    expect(long).to_contain_text("Being checked")
    page.evaluate("window.notReloaded = true")

    for percent in (12, 57):
        inspection.show_progress(upload, percent)
        expect(long).to_contain_text(f"Being checked {percent} %")

    assert page.evaluate("window.notReloaded")


def test_a_file_that_is_refused_is_told_before_the_claim_is_sent(open_page, order):
    upload = unwatched_file(order)
    page = open_page()
    open_form(page, order)
    fill_in(page)
    page.get_by_role("button", name="Check my claim").click()
    files = page.locator(".files li", has_text="long.mp4")
    expect(files).to_contain_text("Being checked")
    page.evaluate("window.notReloaded = true")

    inspection.show_progress(upload, 30)
    expect(files).to_contain_text("Being checked 30 %")
    Upload.objects.filter(pk=upload.pk).update(
        state="refused", problem="damaged", inspected_at=timezone.now()
    )

    expect(files).to_contain_text("Can’t be used")
    expect(files.locator(".tile__problem")).to_contain_text("This file is damaged or incomplete.")
    expect(page.locator("[data-voice]")).to_contain_text("long.mp4 can’t be used. This file")
    expect(page.get_by_role("button", name="Send my claim")).to_be_visible()
    assert page.evaluate("window.notReloaded")
    assert not Claim.objects.exists()
    page.get_by_role("button", name="Go back and change it").click()
    expect(tile(page, "long.mp4")).to_contain_text("Can’t be used")


def unwatched_file(order: Order) -> Upload:
    """Return a file without a job: the test itself sets each state that a worker would report."""
    return Upload.objects.create(
        order=order, customer=order.customer, kind="video", original_name="long.mp4",
        size=9, received=9, received_at=timezone.now(),
    )  # fmt: skip


@pytest.mark.usefixtures("at_work")
def test_a_video_plays_on_while_other_files_are_checked(open_page, order, shot, tmp_path):
    page = open_page()
    open_form(page, order)
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(make_video(seconds=2))
    choose(page, clip)
    video = tile(page, "clip.mp4").locator("video[controls]")
    expect(video).to_be_visible()
    video.evaluate(
        "async video => { video.muted = video.loop = video.mine = true; await video.play(); }"
    )

    choose(page, shot)

    expect(tile(page, "banned.png")).to_contain_text("Checked")
    assert video.evaluate("video => video.mine && !video.paused && video.currentTime > 0")
