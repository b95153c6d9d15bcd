from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.admin import ReadOnlyAdmin
from accounts.models import CustomerMerge
from claims.admin.merges.merge_views import (
    cancel_view,
    confirm_view,
    list_merges,
    show_merge,
    start_view,
)
from claims.formats.identifiers import id_in


@admin.register(CustomerMerge)
class CustomerMergeAdmin(ReadOnlyAdmin):
    """The merges of customers, and a page for each."""

    def get_urls(self) -> list[URLPattern]:
        wrap, name = self.admin_site.admin_view, "accounts_customermerge"
        own = [
            path("start/", wrap(start_view), name=f"{name}_start"),
            path("<int:pk>/confirm/", wrap(confirm_view), name=f"{name}_confirm"),
            path("<int:pk>/cancel/", wrap(cancel_view), name=f"{name}_cancel"),
        ]
        return [*own, *super().get_urls()]

    @method_decorator([never_cache, require_safe])
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        return list_merges(request)

    @method_decorator([never_cache, require_safe])
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        merge_id = id_in(object_id)
        if merge_id is None:
            raise Http404("There is no such merge.")
        return show_merge(request, merge_id)
