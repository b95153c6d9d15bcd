"""The answer to a request whose text is larger than the portal reads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import render

TOO_LARGE: Final = 413
MOST_DISCARDED: Final = 16 << 20
PART: Final = 64 << 10
View = Callable[..., HttpResponseBase]


class TooLargeMiddleware:
    """Answer 413 where Django answers 400, and take in what is still being sent after any 413.

    It stands before the middleware of the CSRF check.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == TOO_LARGE:
            _discard_body(request)
        return response

    def process_view(
        self, request: HttpRequest, view: View, args: Any, named: Any
    ) -> HttpResponse | None:
        """Read the form as the CSRF check would, whose errors no middleware sees."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        try:
            # The check takes a body that ends too early for one without a key.
            with suppress(UnreadablePostError):
                request.POST  # noqa: B018  # the reading itself is what may fail
        except RequestDataTooBig as error:
            return self.process_exception(request, error)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RequestDataTooBig):
            return None
        return render(request, "413.html", status=TOO_LARGE)


def _discard_body(request: HttpRequest) -> None:
    """Read what comes of the body, up to a limit: who is still sending would miss the answer."""
    left = MOST_DISCARDED
    with suppress(UnreadablePostError):  # the client has gone
        while left > 0 and (part := request.read(PART)):
            left -= len(part)
