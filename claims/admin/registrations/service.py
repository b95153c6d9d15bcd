from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from accounts.admin import ReadOnlyAdmin
from claims.admin.permissions import user_with
from claims.admin.services.services_page import LOOK, ServicesPage, map_view, show
from claims.models import Service


@admin.register(Service)
class ServiceAdmin(ReadOnlyAdmin):
    """The catalogue, with the names that wait for a Supervisor."""

    def get_urls(self) -> list[URLPattern]:
        own = path("map/", self.admin_site.admin_view(map_view), name="claims_service_map")
        return [own, *super().get_urls()]

    @method_decorator(never_cache)
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        viewer = user_with(request, *LOOK)
        return show(request, ServicesPage(viewer, now=timezone.now()))
