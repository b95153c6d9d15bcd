"""The page that describes the API comes from a package, and follows our rules all the same."""

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_of_the_api_works_under_our_policy_of_contents(width, open_page):
    page = open_page(width=width)
    page.goto("/api/v1/docs")

    page.get_by_text("/api/v1/shop/events").click()

    page.get_by_text("A single event gets a status of its own").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
