"""What every test in a browser does with the portal's pages."""

from playwright.sync_api import Page

from tests.makers import PASSWORD


def sign_in(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/orders/")
