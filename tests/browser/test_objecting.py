"""A customer objects to a merge by the link in the mail, without a sign-in or a script."""

import pytest
from playwright.sync_api import expect

from claims.actions.notices.merge_links import MergeLink, address_of
from tests.browser.test_accessibility import assert_open_to_all
from tests.makers import make_merge, make_user


@pytest.fixture
def merge(ann):
    return make_merge(ann, make_user("bob@example.com"))


def test_the_page_is_open_to_all(open_page, merge, ann):
    page = open_page()
    page.goto(address_of(MergeLink(merge.pk, ann.pk)))

    assert_open_to_all(page, "a merge")


@pytest.mark.parametrize("width", [390, 1280])
def test_a_press_is_enough(width, open_page, merge, ann):
    page = open_page(javascript=False, width=width)
    page.goto(address_of(MergeLink(merge.pk, ann.pk)))

    page.get_by_role("button", name="I object").click()

    expect(page.get_by_text("You objected on")).to_be_visible()
    merge.refresh_from_db()
    assert (merge.state, merge.ended_by_id) == ("objected", ann.pk)
