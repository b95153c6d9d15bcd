"""The answer to a request when the file store is down, too slow or full."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from claims.storage import StoreFull, StoreUnavailable

UNAVAILABLE = 503
FULL = 507
RETRY_AFTER = "60"  # seconds
PLAIN = {
    UNAVAILABLE: _("Our file store can't be reached. Nothing is lost: try again in a minute."),
    FULL: _("Our file store is full. Nothing is lost: try again later."),
}
IN_A_FORM = {
    UNAVAILABLE: _(
        "%(name)s: our file store can't be reached at the moment, so we didn't keep this file. What"
        " you wrote is still here: wait a minute, choose the file again and send the form."
    ),
    FULL: _(
        "%(name)s: our file store is full, so we didn't keep this file. We know about it. What you"
        " wrote is still here: choose the file again and send the form later."
    ),
}

log = logging.getLogger(__name__)


def status_of(failure: StoreUnavailable) -> int:
    return FULL if isinstance(failure, StoreFull) else UNAVAILABLE


def problem_of(file_name: str, failure: StoreUnavailable) -> str:
    """Return the sentence about a file that the store didn't take."""
    return str(IN_A_FORM[status_of(failure)]) % {"name": file_name}


def failed(response: HttpResponse, failure: StoreUnavailable) -> HttpResponse:
    """Return the response, marked as a failure that will pass."""
    response.status_code = status_of(failure)
    response["Retry-After"] = RETRY_AFTER
    response["Cache-Control"] = "no-store"
    return response


class StoreFailureMiddleware:
    """Answer a request in which the store failed: 503 or 507, as a page or as plain text.

    By then the whole action is rolled back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, StoreUnavailable):
            return None
        log.error("The store failed at %s: %s", request.path, exception)
        return failed(_told(request, exception), exception)


def _told(request: HttpRequest, failure: StoreUnavailable) -> HttpResponse:
    if "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(
            f"{PLAIN[status_of(failure)]}\n", content_type="text/plain; charset=utf-8"
        )
    page = {"is_full": isinstance(failure, StoreFull)}
    return render(request, "portal/store_failure.html", page)
