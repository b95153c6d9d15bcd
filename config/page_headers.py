"""Headers of every answer that the portal itself makes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponseBase

NOTHING: Final = (
    "accelerometer", "autoplay", "bluetooth", "browsing-topics",
    "encrypted-media", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection",
    "local-fonts", "magnetometer", "microphone", "midi", "payment", "serial", "storage-access",
    "usb", "xr-spatial-tracking",
)  # fmt: skip
"""Features of the browser that no page may use."""
OURSELVES: Final = (
    "camera", "display-capture", "fullscreen", "picture-in-picture", "publickey-credentials-create",
    "publickey-credentials-get", "screen-wake-lock",
)  # fmt: skip
"""Features that our own pages may use, but no frame of somebody else. They serve videos, keys, and
recordings of the screen, for which Chromium also asks for the camera."""
PERMISSIONS: Final = ", ".join(
    [
        *(f"{feature}=()" for feature in NOTHING),
        *(f"{feature}=(self)" for feature in OURSELVES),
    ]
)
PRIVATE: Final = "private, no-store"


class PageHeadersMiddleware:
    """Forbid features that pages don't need, and the storing of pages.

    Nearly every page shows something of one person, and the others have a form with a key of the
    session in it. A view that means to be stored says so itself; static files are answered before.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.setdefault("Cache-Control", PRIVATE)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        return response
