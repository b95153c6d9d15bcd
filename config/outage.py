"""The answer while the database can't be reached: 503, soon, and in the form of the door."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import Any, Final

from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import get_template

RETRY_AFTER: Final = "5"  # seconds
# https://www.postgresql.org/docs/current/errcodes-appendix.html: no connection, too many, and a
# server that stops, has crashed or starts. The client's own errors have no code.
NO_CONNECTION: Final = "08"
AWAY: Final = frozenset({"53300", "57P01", "57P02", "57P03", "57P05"})

log = logging.getLogger(__name__)


class OutageMiddleware:
    """Answer 503 instead of 500 if the request failed because the database is away.

    It stands before the others that need the database. Below /api/, the middleware before it gives
    the answer the form of the API.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 500 and is_away(getattr(request, "failure", None)):
            log.error("The database is away: 503 at %s", request.path)
            return _told(request)
        return response


@receiver(got_request_exception)
def keep_failure(request: HttpRequest, **about: Any) -> None:
    """Keep the exception for the middleware, which sees only the answer that Django made of it."""
    request.failure = sys.exc_info()[1]  # type: ignore[attr-defined]  # ours


def is_away(failure: BaseException | None) -> bool:
    """Return True for an error that says that the database can't be reached."""
    if not isinstance(failure, OperationalError | InterfaceError):
        return False
    code = getattr(failure.__cause__, "sqlstate", None)
    return code is None or code.startswith(NO_CONNECTION) or code in AWAY


def _told(request: HttpRequest) -> HttpResponse:
    if "text/html" in request.headers.get("Accept", ""):
        response = HttpResponse(get_template("503.html").render())
    else:
        response = HttpResponse(
            "Our database can't be reached. Try again in a few seconds.\n",
            content_type="text/plain; charset=utf-8",
        )
    response.status_code = 503
    response["Retry-After"] = RETRY_AFTER
    response["Cache-Control"] = "no-store"
    return response
