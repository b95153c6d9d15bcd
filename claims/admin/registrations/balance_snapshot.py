from __future__ import annotations

from itertools import islice
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from accounts.admin import ReadOnlyAdmin
from accounts.models import BalanceSnapshot
from claims.queries.shop.balance_differences import balance_differences

MOST_SHOWN = 200


@admin.register(BalanceSnapshot)
class BalanceSnapshotAdmin(ReadOnlyAdmin):
    """The customers for whose balance the shop told another figure than ours."""

    @method_decorator(never_cache)
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = list(islice(balance_differences(), MOST_SHOWN + 1))
        context = {
            **admin.site.each_context(request),
            "title": gettext("Balances that differ"),
            "differences": found[:MOST_SHOWN],
            "is_cut": len(found) > MOST_SHOWN,
            "most": MOST_SHOWN,
        }
        return TemplateResponse(request, "admin/claims/balances.html", context)
