"""The connection between a page and the server, as slow or as broken as a test needs it."""

from __future__ import annotations

import time
from contextlib import suppress

from playwright.sync_api import Error, Page, Request, Route

from tests.processes import PATIENCE


class Line:
    """A connection that lets pieces of files through one by one, and counts the requests."""

    def __init__(self, page: Page, *, is_open: bool = False) -> None:
        self.page = page
        self.is_open = is_open
        self.held: list[Route] = []
        self.requests: list[Request] = []
        page.route("**/uploads/**", self._pass)

    def _pass(self, route: Route) -> None:
        self.requests.append(route.request)
        if route.request.method == "PATCH" and not self.is_open:
            self.held.append(route)
        else:
            route.continue_()

    def asked(self, method: str) -> list[Request]:
        return [request for request in self.requests if request.method == method]

    def wait_for_pieces(self, count: int) -> None:
        """Wait until this many pieces are being held back."""
        end = time.monotonic() + PATIENCE
        while len(self.held) < count:
            assert time.monotonic() < end, f"{len(self.held)} pieces came, not {count}."
            self.page.wait_for_timeout(20)

    def let_one_through(self) -> None:
        self.wait_for_pieces(1)
        self.held.pop(0).continue_()

    def open(self) -> None:
        self.is_open = True
        while self.held:
            # The page may have given up on the request meanwhile.
            with suppress(Error):
                self.held.pop(0).continue_()
