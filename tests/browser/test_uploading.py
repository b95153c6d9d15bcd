"""Files that are sent while the person is still writing, over any connection."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from claims.models import Claim, Upload
from tests.browser.lines import Line
from tests.browser.pages import choose, fill_in, is_whole, open_form, tile, wait_for_upload
from tests.makers import REASON

pytestmark = pytest.mark.usefixtures("at_work")


def test_a_file_is_sent_while_the_claim_is_written_and_filed_with_it(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)

    choose(page, photo)
    bar = tile(page, "photo.png").get_by_role("progressbar", name="photo.png")
    seen = []
    for _ in range(2):
        line.let_one_through()
        line.wait_for_pieces(1)
        seen.append(bar.evaluate("bar => bar.value"))
    assert 0 < seen[0] < seen[1] < 100
    expect(tile(page, "photo.png")).to_contain_text(re.compile(rf"Sending, {seen[1]} %"))
    assert page.locator("#id_files").evaluate("input => input.files.length") == 0

    fill_in(page)
    page.get_by_role("button", name="Check my claim").click()
    expect(
        page.get_by_text("The form is sent when your files have arrived", exact=True)
    ).to_be_visible()
    line.open()
    expect(page.get_by_role("heading", name="Check and send")).to_be_visible()
    expect(page.locator("main")).to_contain_text("photo.png")
    page.get_by_role("button", name="Send my claim").click()
    page.wait_for_url("**/claims/CLM-*/")

    upload = wait_for_upload(page, order, "accepted")
    assert Claim.objects.get(order=order).evidence.get().upload == upload
    assert is_whole(upload, photo)
    expect(tile_state(page)).to_have_text("Checked")


def tile_state(page: Page) -> Locator:
    return page.locator(".tile__state")


def test_it_pauses_and_goes_on_where_it_was(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)

    page.get_by_role("button", name="Pause photo.png").click()
    expect(tile(page, "photo.png")).to_contain_text("Paused at")
    line.held.clear()
    line.open()
    pieces = len(line.asked("PATCH"))
    resume = page.get_by_role("button", name="Resume photo.png")
    expect(resume).to_be_focused()
    assert len(line.asked("PATCH")) == pieces
    there = Upload.objects.get(order=order).received
    resume.click()

    upload = wait_for_upload(page, order, "accepted")
    assert line.asked("PATCH")[pieces].headers["upload-offset"] == str(there)
    assert is_whole(upload, photo)


def test_a_pause_while_a_piece_is_being_read_stops_it(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    page.evaluate(SLOW_DISK)
    choose(page, photo)
    page.evaluate("window.isRead")

    page.get_by_role("button", name="Pause photo.png").click()
    page.evaluate("window.handOver()")
    # The page's own requests began before this.
    page.evaluate("fetch(location.href).then(answer => answer.text())")

    assert line.asked("PATCH") == []
    expect(tile(page, "photo.png")).to_contain_text("Paused at 0 %")


SLOW_DISK = """() => {
    const read = Blob.prototype.arrayBuffer;
    window.isRead = new Promise(isRead => {
        Blob.prototype.arrayBuffer = async function () {
            const bytes = await read.call(this);
            await new Promise(resolve => { window.handOver = resolve; isRead(); });
            return bytes;
        };
    });
}"""


def test_after_a_reload_it_goes_on_by_itself(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)

    page.reload()
    line.held.clear()
    line.wait_for_pieces(1)
    expect(tile(page, "photo.png")).to_contain_text("Sending, 16 %")
    line.open()

    expect(tile(page, "photo.png")).to_contain_text("Checked")
    assert is_whole(Upload.objects.get(order=order), photo)
    assert len(line.asked("POST")) == 1
    left = "kept => kept.length"
    assert page.evaluate(f"({KEPT})().then({left})") == 0

    page.reload()
    choose(page, photo)
    expect(page.get_by_role("status").filter(has_text="photo.png is there already.")).to_have_count(
        1
    )
    assert len(line.asked("POST")) == 1


KEPT = """() => new Promise(resolve => {
    indexedDB.open("claims-uploads").onsuccess = opened => {
        const database = opened.target.result;
        const all = database.transaction("files").objectStore("files").getAll();
        all.onsuccess = () => { database.close(); resolve(all.result); };
    };
})"""


def test_a_file_that_the_browser_lost_is_chosen_again_and_goes_on(open_page, order, photo, shot):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)
    page.goto("/orders/")
    page.evaluate(
        "() => new Promise(done => indexedDB.deleteDatabase('claims-uploads').onsuccess = done)"
    )
    line.open()

    page.goto(f"/orders/{order.shop_id}/claim/")
    expect(tile(page, "photo.png")).to_contain_text("Choose this file again to go on: 16 %")
    choose(page, shot)
    expect(tile(page, "banned.png")).to_contain_text("Checked")
    expect(tile(page, "photo.png")).to_contain_text("Choose this file again")
    choose(page, photo)

    expect(tile(page, "photo.png")).to_contain_text("Checked")
    assert is_whole(Upload.objects.get(order=order, original_name="photo.png"), photo)
    assert Upload.objects.filter(order=order).count() == 2


def test_a_file_on_its_way_can_be_removed(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.let_one_through()
    line.wait_for_pieces(1)

    page.get_by_role("button", name="Remove photo.png").click()

    expect(tile(page, "photo.png")).to_have_count(0)
    wait_for_upload(page, order, "removed")
    assert len(line.asked("DELETE")) == 1
    assert page.evaluate(f"({KEPT})().then(kept => kept.length)") == 0
    expect(page.locator("[data-voice]")).to_contain_text("photo.png is removed.")


def test_no_more_than_two_are_sent_at_a_time(open_page, order, photo, tmp_path):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    others = [tmp_path / "second.png", tmp_path / "third.png"]
    for other in others:
        other.write_bytes(photo.read_bytes() + other.name.encode())

    choose(page, photo, *others)

    line.wait_for_pieces(2)
    expect(page.get_by_text("Waiting for its turn")).to_have_count(1)
    assert len(line.held) == 2
    assert len(line.asked("POST")) == 3  # so that a reload resumes all of them


def test_the_person_may_go_on_without_the_files(open_page, order, photo, shot):
    page = open_page()
    open_form(page, order)
    choose(page, shot)
    expect(tile(page, "banned.png")).to_contain_text("Checked")
    line = Line(page)
    choose(page, photo)
    line.wait_for_pieces(1)
    fill_in(page)
    page.get_by_role("button", name="Check my claim").click()

    page.get_by_role("button", name="Go on without them").click()

    expect(page.get_by_text("Not part of your claim")).to_be_visible()
    expect(page.locator("main")).to_contain_text("photo.png: only 0 bytes of 6.0 MB arrived.")
    line.held.clear()
    page.get_by_role("button", name="Go back and change it").click()
    expect(page.get_by_label("What happened?")).to_have_value(REASON)
    line.open()
    expect(tile(page, "photo.png")).to_contain_text("Checked")


def test_writing_on_calls_off_what_waits_for_files(open_page, order, photo):
    page = open_page()
    open_form(page, order)
    line = Line(page)
    choose(page, photo)
    line.wait_for_pieces(1)
    fill_in(page)
    page.get_by_role("button", name="Check my claim").click()

    page.get_by_label("What happened?").press_sequentially(" And")
    expect(page.locator("[data-holding]")).to_be_hidden()
    line.open()

    expect(tile(page, "photo.png")).to_contain_text("Checked")
    expect(page.get_by_label("What happened?")).to_have_value(REASON + " And")
