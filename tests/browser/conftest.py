"""A real Chromium against the portal's real processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from claims.models import Order
from tests.makers import make_order, make_staff, make_user
from tests.media import draw_screenshot, encode_picture, make_screenshot
from tests.processes import PATIENCE, web, worker

# The headless shell is the same browser without its windows, and opens a page in a quarter of the
# time.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser")
NAMED = os.environ.get("CHROMIUM")
FOUND = next(filter(None, map(shutil.which, (NAMED,) if NAMED else PROGRAMS)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Offer screens to record without a prompt.
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
expect.set_options(timeout=PATIENCE * 1000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests in this folder, and put them last: see `chromium`."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
    items.sort(key=lambda item: here in item.path.parents)


@pytest.fixture(scope="session", autouse=True)
def executable() -> str:
    """Return the browser's program, or skip before a database or server is started for nothing."""
    if FOUND is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium was found. Install one, or name it in CHROMIUM.")
        # A developer may lack a browser; under CI the line above fails instead.
        pytest.skip("No Chromium was found; CHROMIUM can name one.")
    return FOUND


@dataclass(frozen=True)
class Site:
    url: str
    data_dir: Path


@pytest.fixture
def site(real_commits: str, tmp_path: Path, settings) -> Iterator[Site]:
    """Serve this test's own database and folders. Tests that need a worker use `at_work`."""
    for name in ("spool", "evidence"):
        settings.STORAGES[name]["OPTIONS"]["location"] = tmp_path / name
    with web(tmp_path, threads=4) as server:
        yield Site(url=server.url, data_dir=tmp_path)


@pytest.fixture
def at_work(site: Site) -> Iterator[None]:
    """Run a worker beside the site."""
    with worker(site.data_dir):
        yield


@pytest.fixture
def ann(real_commits):
    return make_user("ann@example.com", display_name="Ann", time_zone="Europe/Berlin")


@pytest.fixture
def sue(real_commits):
    return make_staff("sue@example.com", "Support")


@pytest.fixture
def rita(real_commits):
    return make_staff("rita@example.com", "Reports")


@pytest.fixture(scope="session")
def chromium(executable: str, django_db_setup: None) -> Iterator[Browser]:
    """Yield one browser for all tests of this process, each with windows of its own.

    Playwright runs an event loop in the tests' thread from its start to its end. Django takes that
    for async code: it refuses the database unless told otherwise, and would open connections of its
    own. They are the same connections here, because `real_commits` changes their database. Code
    that starts a loop can't run beside it, so all other tests come before.
    """
    before = {alias: connections[alias] for alias in connections}
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        for alias, connection in before.items():
            connections[alias] = connection
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def expected() -> list[str]:
    """Return the parts of the browser's console output that a test causes, such as a lost
    connection.
    """
    return []


@pytest.fixture
def open_page(site: Site, chromium: Browser, expected: list[str]) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a window for a person. Fail at the end on console errors."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def note(message) -> None:
        if "Content Security Policy" in message.text or message.type == "error":
            complaints.append(message.text)

    def open_window(
        *, javascript: bool = True, width: int = 390, dark: bool = False, **options: Any
    ) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            java_script_enabled=javascript,
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1000)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert [text for text in complaints if not any(map(text.__contains__, expected))] == []


@pytest.fixture
def order(ann) -> Order:
    """Return an order whose number didn't work, as its customer may find it."""
    return make_order(ann, sms=True)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return a picture of 6 MB, which takes several pieces: it is large because it isn't
    compressed.
    """
    path = tmp_path / "photo.png"
    picture = draw_screenshot("This phone number is banned", (1450, 1450))
    path.write_bytes(encode_picture(picture, compress_level=0))
    return path


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """Return a small picture, which uploads at once."""
    path = tmp_path / "banned.png"
    path.write_bytes(make_screenshot("This phone number is banned"))
    return path
