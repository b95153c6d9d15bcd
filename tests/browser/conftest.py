"""A real Chromium against the portal's real processes."""

from __future__ import annotations

import os
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from claims.models import Order
from tests.makers import make_order, make_staff, make_user
from tests.media import encode_picture, make_screenshot
from tests.processes import web, worker

FOUND = next(
    filter(
        None, (os.environ.get("CHROMIUM"), *map(shutil.which, ("chromium", "chromium-browser")))
    ),
    None,
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Screens to record, without anybody to ask.
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PATIENCE = 30_000  # ms; the machine may be busy
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session", autouse=True)
def executable() -> str:
    """The browser's program, before any database or server is started for nothing."""
    if FOUND is None:
        if os.environ.get("CI"):
            pytest.fail("No Chromium was found. Install one, or name it in CHROMIUM.")
        pytest.skip("No Chromium was found; CHROMIUM can name one.")
    return FOUND


@pytest.fixture(autouse=True)
def quick_passwords() -> None:
    """Not here: the web server hashes them the way it always does."""


@dataclass(frozen=True)
class Site:
    url: str
    data_dir: Path


@pytest.fixture
def site(real_commits: str, tmp_path: Path, settings) -> Iterator[Site]:
    """A web server on this test's own database and folders. What needs a worker asks `at_work`."""
    for name in ("spool", "evidence"):
        settings.STORAGES[name]["OPTIONS"]["location"] = tmp_path / name
    with web(tmp_path, threads=4) as server:
        yield Site(url=server.url, data_dir=tmp_path)


@pytest.fixture
def at_work(site: Site) -> Iterator[None]:
    """A worker beside the site."""
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


@pytest.fixture
def chromium(executable: str, site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser for one test, started after its database and closed before that goes.

    Playwright runs an event loop in the test's thread. Django takes that for async code, and
    opens connections of its own inside it.
    """
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        connections.close_all()
        browser.close()


@pytest.fixture
def expected() -> list[str]:
    """Parts of what a test makes the browser's console say, such as that the line is gone."""
    return []


@pytest.fixture
def open_page(site: Site, chromium: Browser, expected: list[str]) -> Iterator[Callable[..., Page]]:
    """Opens a window of its own for each person; fails at the end on what the console said."""
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
        page.set_default_timeout(PATIENCE)
        page.on("console", note)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_window
    for context in contexts:
        context.close()
    assert [text for text in complaints if not any(map(text.__contains__, expected))] == []


@pytest.fixture
def order(ann) -> Order:
    """One whose number didn't work, as its customer may find."""
    return make_order(ann, sms=True)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """A picture of 6 MB, which takes several pieces."""
    noise = random.Random(3).randbytes(1450 * 1450 * 3)
    path = tmp_path / "photo.png"
    path.write_bytes(encode_picture(Image.frombytes("RGB", (1450, 1450), noise)))
    return path


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    """A picture that is there at once."""
    path = tmp_path / "banned.png"
    path.write_bytes(make_screenshot("This phone number is banned"))
    return path
