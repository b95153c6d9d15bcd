"""The steps on the portal's pages that all tests in a browser share."""

import hashlib
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from claims.models import Order, Upload
from tests.makers import PASSWORD, REASON
from tests.processes import PATIENCE


def sign_in(page: Page, email: str) -> None:
    page.goto("/account/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/orders/")


def open_form(page: Page, order: Order) -> None:
    sign_in(page, order.customer.email)
    page.goto(f"/orders/{order.shop_id}/claim/")


def choose(page: Page, *files: Path, field: str = "Screenshots and videos") -> None:
    page.get_by_label(field).set_input_files(files)


def tile(page: Page, name: str) -> Locator:
    return page.locator("[data-list] .tile", has_text=name)


def fill_in(page: Page, *, kind: str = "Invalid number") -> None:
    page.get_by_label(kind).check()
    page.get_by_label("What happened?").fill(REASON)
    page.get_by_label("I accept the terms").check()


def wait_for_upload(page: Page, order: Order, state: str) -> Upload:
    """Wait until the order's only upload is in this state."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        upload = Upload.objects.filter(order=order).first()
        if upload and upload.state == state:
            return upload
        page.wait_for_timeout(100)
    pytest.fail(f"It is {upload and upload.state}, not {state}.")


def is_whole(upload: Upload, file: Path) -> bool:
    return upload.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
