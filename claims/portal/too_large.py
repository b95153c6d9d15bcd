"""The answer to a request whose text is larger than the portal reads."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.shortcuts import render

View = Callable[..., HttpResponseBase]


class TooLargeMiddleware:
    """Answer 413 where Django answers 400. It stands before the middleware of the CSRF check."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: View, args: Any, named: Any
    ) -> HttpResponse | None:
        """Read the form as the CSRF check would, whose errors no middleware sees."""
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        try:
            # The check takes a body that ends too early for one without a key.
            with suppress(UnreadablePostError):
                request.POST  # noqa: B018
        except RequestDataTooBig as error:
            return self.process_exception(request, error)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RequestDataTooBig):
            return None
        return render(request, "413.html", status=413)
