"""The additions of the pages' scripts. Each page works without them, so no other test would miss
them.
"""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from claims.policy.reason import readable
from tests.browser.pages import choose, sign_in, tile
from tests.makers import REASON, make_order
from tests.media import make_screenshot

HOUR = 3_600_000  # ms
# Invisible: zero-width space, byte order mark, a control character. White space to the server:
# a line break, a no-break space, an em space, a file separator. Counted: private use, unassigned.
TRICKY = "  a\u200bb\ufeff \u200b c\x07\n\n d\u00a0\u2003e\x1cf \ue000\u0378 \U0001f600  "


def test_the_claim_form_counts_ticks_and_shows_what_was_chosen(site, open_page, ann, tmp_path):
    order = make_order(ann, sms=True)
    shot = tmp_path / "banned.png"
    shot.write_bytes(make_screenshot("This phone number is banned"))
    page = open_page()
    sign_in(page, "ann@example.com")
    page.clock.install()
    page.goto(f"/orders/{order.shop_id}/claim/")

    _the_counter_counts_as_the_server_does(page, least=order.policy_version.terms.reason_min_length)
    _the_countdown_ticks(page)
    _a_chosen_picture_is_shown_and_can_go_again(page, shot)


def _the_counter_counts_as_the_server_does(page: Page, *, least: int) -> None:
    field, count = page.locator("#id_reason"), page.locator("#id_reason_count")
    expect(count).to_have_text(f"{least} more to go")
    field.fill(TRICKY)
    expect(count).to_have_text(f"{least - len(readable(TRICKY))} more to go")
    field.fill(TRICKY + REASON)
    expect(count).to_have_text(f"{len(readable(TRICKY + REASON))} of at most 4000")


def _the_countdown_ticks(page: Page) -> None:
    left = page.locator("time[data-countdown] [data-left]")
    expect(left).to_have_text(re.compile(r"^\d days?.* left, until$"))
    before = left.inner_text()
    page.clock.fast_forward(2 * HOUR)
    expect(left).not_to_have_text(before)
    page.clock.fast_forward(200 * HOUR)
    expect(left).to_have_text("Time ended")
    expect(page.locator("time[data-countdown]")).to_have_class(re.compile("countdown--over"))


def _a_chosen_picture_is_shown_and_can_go_again(page: Page, shot) -> None:
    choose(page, shot)
    preview = tile(page, "banned.png")
    expect(preview.locator("img")).to_have_js_property("complete", True)
    assert preview.locator("img").evaluate("img => img.naturalWidth") > 100
    preview.get_by_role("button", name="Remove banned.png").click()
    expect(preview).to_have_count(0)
