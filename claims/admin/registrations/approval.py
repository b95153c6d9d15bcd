from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from claims.models import Approval, ApprovalLimit


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    """Approvals by the first of two people."""

    list_display = ("claim", "outcome", "amount", "currency", "by", "made_at")
    list_filter = ("outcome",)
    list_select_related = ("claim", "by")
    search_fields = ("claim__code__exact", "by__email__exact")
    search_help_text = _("Search by claim code, or by the email of the reviewer")
    ordering = ("-id",)


@admin.register(ApprovalLimit)
class ApprovalLimitAdmin(ReadOnlyAdmin):
    """The most that one person may pay alone. Superusers set it; the history names them."""

    list_display = ("currency", "amount")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Return the currency too: a limit in another currency would be another limit."""
        return ("currency",) if obj else ()

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Form,
        formsets: Any,
        add: bool = False,
    ) -> Any:
        """Return the old and the new amount, where Django says only that it changed."""
        after = form.cleaned_data.get("amount")
        if add:
            return gettext("Set to %(amount)s.") % {"amount": after}
        amounts = {"before": form.initial.get("amount"), "after": after}
        return gettext("Changed from %(before)s to %(after)s.") % amounts
