import zoneinfo
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone


class NoNulMiddleware:
    """Answer 400 to an admin's address that asks for a NUL: PostgreSQL has no text with one.

    The admin takes lookups straight from the address; our own forms see to theirs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asks_admin = request.path_info.startswith(reverse("admin:index"))
        if asks_admin and "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("No address here has a NUL in it.")
        return self.get_response(request)


class TimeZoneMiddleware:
    """Show each signed-in person times in their own zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = request.user.time_zone if request.user.is_authenticated else "UTC"
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)
