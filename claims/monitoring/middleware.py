"""The door of the pages for those who watch the portal."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

from claims.monitoring import health_views, metrics_view
from claims.monitoring.counting import count_request

VIEWS: Final[dict[str, Callable[[HttpRequest], HttpResponseBase]]] = {
    "/health/live": health_views.live,
    "/health/ready": health_views.ready,
    "/health/work": health_views.work_state,
    "/metrics": metrics_view.metrics,
}


class MonitoringMiddleware:
    """Answer the pages of monitoring before anything else looks at the request; count all others.

    A balancer asks by plain HTTP and by the machine's own address, which the middleware behind this
    would redirect or refuse; and sessions need the database, which may be what is ill.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        view = VIEWS.get(request.path_info.rstrip("/"))
        if view is None:
            begun = time.monotonic()
            response = self.get_response(request)
            count_request(request, response, time.monotonic() - begun)
            return response
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return view(request)
