"""The page of metrics, in the text that Prometheus reads."""

from __future__ import annotations

from hmac import compare_digest
from ipaddress import ip_address
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from claims.monitoring.counting import of_all_processes
from claims.monitoring.figures import DatabaseFigures

OF_A_PROXY: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via")


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the metrics to whoever has the token, or asks on this machine; else 401."""
    if not (_has_token(request) or _is_on_this_machine(request)):
        refusal = HttpResponse("Send METRICS_TOKEN: Authorization: Bearer …\n", status=401)
        refusal["WWW-Authenticate"] = "Bearer"
        return refusal
    figures = CollectorRegistry()
    figures.register(DatabaseFigures())
    text = generate_latest(of_all_processes()) + generate_latest(figures)
    answer = HttpResponse(text, content_type=CONTENT_TYPE_LATEST)
    answer["Cache-Control"] = "no-store"
    return answer


def _has_token(request: HttpRequest) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = settings.METRICS_TOKEN
    is_it = compare_digest(given.strip().encode(), wanted.encode())
    return bool(wanted) and scheme.lower() == "bearer" and is_it


def _is_on_this_machine(request: HttpRequest) -> bool:
    """Return whether no proxy can have passed the request on.

    Behind a proxy on this machine, every request comes from its address.
    """
    if settings.BEHIND_PROXY or any(name in request.headers for name in OF_A_PROXY):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
