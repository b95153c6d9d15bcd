"""A claim's notices become read when a person sees its page, not when a program fetches it."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from claims.actions.review import repairs
from claims.models import Claim, Notice
from tests.browser.pages import sign_in
from tests.makers import make_claim, make_lease, newest_event
from tests.processes import wait_until
from tests.reviewing import ask_for_evidence


@pytest.fixture
def claim(order, sue) -> Claim:
    """Return a claim in repair for which the customer was asked for something."""
    claim = make_claim(order, kind="major_defect")
    make_lease(claim, sue)
    words = {"claim_id": claim.pk, "by": sue, "now": timezone.now()}
    repairs.start_repair(seen=newest_event(claim), note="", **words)
    ask_for_evidence(seen=newest_event(claim), note="Which app shows the message?", **words)
    return claim


def are_unread() -> bool:
    return Notice.objects.filter(read_at=None).exists()


def test_the_open_page_marks_them_by_itself(open_page, claim):
    page = open_page()
    sign_in(page, "ann@example.com")
    expect(page.locator(".bell__count")).to_have_text("2")

    page.goto(claim.get_absolute_url())

    expect(page.locator(".bell__count")).to_have_count(0)
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(0)
    assert not are_unread()


def test_a_page_in_the_background_marks_nothing_until_it_is_seen(open_page, claim):
    page = open_page()
    sign_in(page, "ann@example.com")
    page.add_init_script(
        "Object.defineProperty(document, 'visibilityState',"
        " {get: () => window.shown ? 'visible' : 'hidden'});"
    )
    page.goto(claim.get_absolute_url())
    page.wait_for_timeout(2500)
    assert are_unread()

    page.evaluate("window.shown = true; document.dispatchEvent(new Event('visibilitychange'))")

    wait_until(lambda: not are_unread())


@pytest.mark.parametrize("width", [390, 1280])
def test_without_a_script_a_button_marks_them(width, open_page, claim):
    page = open_page(javascript=False, width=width)
    sign_in(page, "ann@example.com")
    page.goto(claim.get_absolute_url())
    assert are_unread()

    page.get_by_role("button", name="Mark as read").click()

    expect(page.locator(".bell__count")).to_have_count(0)
    expect(page.get_by_role("button", name="Mark as read")).to_have_count(0)
    assert not are_unread()
