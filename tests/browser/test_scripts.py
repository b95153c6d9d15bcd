"""What the pages' scripts add: each page works without them, so nothing else would miss them."""

from __future__ import annotations

import re
import time
from uuid import uuid4

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from claims.actions import filing
from claims.models import Claim, Upload
from claims.policy.reason import readable
from tests.browser.pages import choose, sign_in, tile
from tests.makers import REASON, make_order, make_upload
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


def _claim_with_a_picture(ann) -> Claim:
    """Waits until the worker has accepted the picture."""
    order = make_order(ann, sms=True)
    upload = make_upload(order, content=make_screenshot("This phone number is banned"))
    claim = filing.file_claim(
        order_id=order.pk, by=ann, kind="invalid_number", reason=REASON,
        customer_two_factor=False, terms_accepted=True, uploads=[upload.token],
        submission=uuid4(), now=timezone.now(),
    )  # fmt: skip
    end = time.monotonic() + 60
    while time.monotonic() < end:
        upload.refresh_from_db()
        if upload.state == Upload.State.ACCEPTED:
            return claim
        time.sleep(0.2)
    pytest.fail("The worker did not accept the picture.")


def test_a_picture_opens_large_for_the_reviewer_and_closes_with_escape(site, open_page, ann, sue):
    claim = _claim_with_a_picture(ann)
    page = open_page(width=1280)
    sign_in(page, "sue@example.com")
    page.goto(f"/admin/claims/claim/{claim.pk}/review/")

    link = page.locator("a[data-zoom]")
    link.click()

    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("img")).to_have_attribute("src", re.compile(r"/evidence/.+/picture/$"))
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    assert page.url.endswith("/review/")
