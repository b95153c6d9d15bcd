import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from accounts.log_context import note
from accounts.origin import coming_from


class NoNulMiddleware:
    """Answer 400 to an address of the admin with a NUL, which PostgreSQL's text can't hold.

    The admin takes lookups straight from the address. Our own forms refuse a NUL themselves.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asks_admin = request.path_info.startswith(reverse("admin:index"))
        if asks_admin and "%00" in request.META.get("QUERY_STRING", ""):
            raise BadRequest("No address here has a NUL in it.")
        return self.get_response(request)


class TimeZoneMiddleware:
    """Show times to each signed-in person in their own zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            note(user_id=request.user.pk)
        name = request.user.time_zone if request.user.is_authenticated else "UTC"
        with timezone.override(zoneinfo.ZoneInfo(name)):
            return self.get_response(request)


class OriginMiddleware:
    """Set the address that events of this request record.

    Behind a proxy, this is the last address in X-Forwarded-For, which the proxy itself has added.
    The client can forge the ones before it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with coming_from(self._address(request)):
            return self.get_response(request)

    def _address(self, request: HttpRequest) -> str:
        direct: str = request.META.get("REMOTE_ADDR", "")
        if not settings.BEHIND_PROXY:
            return direct
        return request.headers.get("X-Forwarded-For", direct).rpartition(",")[2]
