"""The door of the pages for those who watch the portal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

from claims.monitoring import health_views

VIEWS: Final[dict[str, Callable[[HttpRequest], HttpResponseBase]]] = {
    "/health/live": health_views.live,
    "/health/ready": health_views.ready,
    "/health/work": health_views.work_state,
}


class MonitoringMiddleware:
    """Answer the pages of monitoring before anything else looks at the request.

    A balancer asks by plain HTTP and by the machine's own address, which the middleware behind this
    would redirect or refuse; and sessions need the database, which may be what is ill.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = VIEWS.get(request.path_info.rstrip("/"))
        if view is None:
            return self.get_response(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return view(request)
