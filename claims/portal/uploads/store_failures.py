"""What a request is told when the files' store is down, too slow or full."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from claims.storage import StoreFull, StoreUnavailable

UNAVAILABLE = 503
FULL = 507
RETRY_AFTER = "60"  # seconds
PLAIN = {
    UNAVAILABLE: "Our file store can't be reached. Nothing is lost: try again in a minute.\n",
    FULL: "Our file store is full. Nothing is lost: try again later.\n",
}
IN_A_FORM = {
    UNAVAILABLE: (
        "our file store can't be reached at the moment, so this file wasn't kept. What you wrote "
        "is still here: wait a minute, choose the file again and send the form."
    ),
    FULL: (
        "our file store is full, so this file wasn't kept. We have been told. What you wrote is "
        "still here: choose the file again and send the form later."
    ),
}

log = logging.getLogger(__name__)


def status_of(failure: StoreUnavailable) -> int:
    return FULL if isinstance(failure, StoreFull) else UNAVAILABLE


def problem_of(file_name: str, failure: StoreUnavailable) -> str:
    """What is wrong with a file that the store didn't take, and what to do."""
    return f"{file_name}: {IN_A_FORM[status_of(failure)]}"


def failed(response: HttpResponse, failure: StoreUnavailable) -> HttpResponse:
    """The same answer, as one that failed for now."""
    response.status_code = status_of(failure)
    response["Retry-After"] = RETRY_AFTER
    response["Cache-Control"] = "no-store"
    return response


class StoreFailureMiddleware:
    """Answers a request that met a store's failure: 503 or 507, as a page or as plain text.

    The action behind it is rolled back as a whole by then.
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
        return HttpResponse(PLAIN[status_of(failure)], content_type="text/plain; charset=utf-8")
    page = {"is_full": isinstance(failure, StoreFull)}
    return render(request, "portal/store_failure.html", page)
