"""The form of every error below /api/, also of those that no operation answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from claims.api.problems import ProblemDetails, problem_response

BELOW: Final = "/api/"
JSON: Final = ("application/json", "application/problem+json")
FAILED: Final = ("failed", gettext_lazy("We can't answer this now. Try again later."))
TOLD: Final = {
    400: ("unreadable", gettext_lazy("We can't read this request.")),
    403: ("denied", gettext_lazy("You aren't allowed to do that.")),
    404: ("not-found", gettext_lazy("There is nothing at this address.")),
    405: ("method", gettext_lazy("This address doesn't take this method.")),
    503: ("unavailable", gettext_lazy("We can't answer this now. Try again in a few seconds.")),
    413: ("too-large", gettext_lazy("This request is larger than we read.")),
    429: ("too-often", gettext_lazy("There were too many requests. Try again later.")),
}


class EveryErrorMiddleware:
    """Give errors below /api/ the form of RFC 9457, and refuse preflights in it.

    It stands before the middleware that answers requests, so it also sees what that refuses.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not f"{request.path_info}/".startswith(BELOW):
            return response
        if response.status_code < 400 and _is_preflight(request):
            return problem_response(
                ProblemDetails(403, "cross-origin", _("Pages of other sites can't use this API."))
            )
        if response.status_code >= 400 and isinstance(response, HttpResponse):
            _put_in_form(response)
        return response


def _is_preflight(request: HttpRequest) -> bool:
    """Return True if a browser asks whether a page of another site may send a request."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _put_in_form(response: HttpResponse) -> None:
    """Replace the body and keep the headers, such as Allow, Retry-After and those of tus."""
    if response.get("Content-Type", "").partition(";")[0] in JSON:
        return
    slug, usual = TOLD.get(response.status_code, FAILED)
    # A view of the uploads answers with one sentence for a person; other texts are pages.
    said = response.content.decode() if "Tus-Resumable" in response else ""
    problem = problem_response(ProblemDetails(response.status_code, slug, said or str(usual)))
    response.content = problem.content
    response["Content-Type"] = problem["Content-Type"]
    if "Content-Length" in response:
        response["Content-Length"] = str(len(response.content))
