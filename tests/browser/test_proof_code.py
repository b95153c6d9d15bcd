from playwright.sync_api import expect

from tests.browser.pages import open_form
from tests.makers import make_order


def test_the_code_is_shown_with_the_kind_that_asks_for_it_and_spelled_out(site, open_page, ann):
    order = make_order(ann, completed=True)
    page = open_page()
    open_form(page, order)
    panel = page.get_by_role("group", name="Show this code in your picture or video")

    expect(panel).to_be_hidden()
    page.locator("[name=kind][value=invalid_number]").check()
    expect(panel).to_be_visible()
    expect(panel).to_contain_text(", ".join(order.proof_code))
    page.locator("[name=kind][value=major_defect]").check()
    expect(panel).to_be_hidden()
