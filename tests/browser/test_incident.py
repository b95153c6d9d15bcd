"""An unusual hour is answered once, its progress updates by itself, and axe finds nothing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from claims.models import Claim
from tests.browser.pages import sign_in
from tests.browser.test_accessibility import assert_open_to_all
from tests.claims.actions.review.group_answers import make_one


@pytest.fixture
def claims(ann) -> list[Claim]:
    return [make_one(ann) for _ in range(5)]


@pytest.mark.usefixtures("at_work")
def test_an_hour_is_answered_and_its_progress_shows_by_itself(open_page, sue, claims):
    page = open_page(width=1280)
    sign_in(page, sue.email)
    page.goto("/admin/claims/incident/")
    assert_open_to_all(page, "the incidents")
    page.get_by_role("link", name="WhatsApp").click()
    assert_open_to_all(page, "a group")
    page.get_by_label("Server-side: yes").fill("The gateway was down.")
    for question in page.locator(".question__answers").all():
        question.get_by_label("Yes").check()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="5 of 5 will be approved")).to_be_visible()
    assert_open_to_all(page, "the preview")

    page.get_by_role("button", name="Answer for these 5 claims").click()

    expect(page.get_by_role("status")).to_have_text("5 of 5 done: 5 approved, 0 not approved")
    expect(page.get_by_role("button", name="Stop")).to_be_hidden()
    assert_open_to_all(page, "the result")
    assert set(Claim.objects.values_list("status", flat=True)) == {"refunded"}


def test_a_selection_is_assigned_in_three_steps(open_page, sue, claims):
    page = open_page(width=820)
    sign_in(page, sue.email)
    chosen = "&".join(f"claims={claim.pk}" for claim in claims)
    page.goto(f"/admin/claims/claim/bulk/?{chosen}")
    assert_open_to_all(page, "the choice")
    page.get_by_label("Assign", exact=True).check()
    page.get_by_label("Assignee").select_option(label="Sue")
    expect(page.get_by_label("Note to the customers")).to_be_hidden()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Assign to Sue: 5 of 5")).to_be_visible()
    assert_open_to_all(page, "the preview")

    page.get_by_role("button", name="Confirm").click()

    expect(page.get_by_role("heading", name="5 of 5 assigned")).to_be_visible()
    assert_open_to_all(page, "the result")
    assert set(Claim.objects.values_list("assignee", flat=True)) == {sue.pk}
