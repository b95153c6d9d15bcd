"""A line for each request, and the id by which its other lines and its jobs are found."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from accounts.log_context import logging_about, note
from config.logs import security

HEADER: Final = "X-Request-ID"
PLAIN_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}")
REFUSED: Final = {401: "refused", 403: "refused", 429: "limited"}
EXPORTS: Final = frozenset({"admin:claims_claim_export"})

log = logging.getLogger(__name__)


class RequestLogMiddleware:
    """Give each request an id, tell it in the answer's header, and log the request.

    The log names the view and never the address, in which tokens and words of people stand.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun = time.monotonic()
        request_id = _id_of(request)
        with logging_about(request_id=request_id):
            response = self.get_response(request)
            _log(request, response, time.monotonic() - begun)
        response[HEADER] = request_id
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, named: dict[str, Any]
    ) -> None:
        """Note the view, and the claim that an address of the desk names by its number."""
        note(view=_view_of(request))
        number = str(named.get("pk", named.get("object_id", "")))
        if _view_of(request).startswith("admin:claims_claim_") and number.isdecimal():
            note(claim_id=int(number))


def _id_of(request: HttpRequest) -> str:
    """Return the id that the trusted proxy gave the request, or a new one."""
    given = request.headers.get(HEADER, "") if settings.BEHIND_PROXY else ""
    return given if PLAIN_ID.fullmatch(given) else uuid4().hex


def _view_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.view_name if match else "") or "unnamed"


def _log(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    view, status = _view_of(request), response.status_code
    said = {
        "view": view, "method": request.method, "status": status, "seconds": round(seconds, 3),
    }  # fmt: skip
    if seconds * 1000 >= settings.SLOW_REQUEST_MS:
        log.warning("Slow request", extra=said)
    else:
        log.info("Request", extra=said)
    if status in REFUSED:
        security.record(REFUSED[status], view=view, status=status)
    if view in EXPORTS and status == 200:
        security.record("exported", view=view)
