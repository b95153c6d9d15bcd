from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest

from accounts.admin import ReadOnlyAdmin
from claims.models import Approval, ApprovalLimit


@admin.register(Approval)
class ApprovalAdmin(ReadOnlyAdmin):
    """What the first of two people wanted to pay."""

    list_display = ("claim", "outcome", "amount", "currency", "by", "made_at")
    list_filter = ("outcome",)
    list_select_related = ("claim", "by")
    search_fields = ("claim__code__exact", "by__email__exact")
    search_help_text = "Search by claim code, or by the email of who approved"
    ordering = ("-id",)


@admin.register(ApprovalLimit)
class ApprovalLimitAdmin(ReadOnlyAdmin):
    """How much one person pays alone. Superusers say so, and the history says who said what."""

    list_display = ("currency", "amount")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """With another currency it would be another limit, beside the old one."""
        return ("currency",) if obj else ()

    def construct_change_message(
        self,
        request: HttpRequest,
        form: Form,
        formsets: Any,
        add: bool = False,
    ) -> Any:
        """What it was and what it is, where Django says only that it changed."""
        after = form.cleaned_data.get("amount")
        if add:
            return f"Set to {after}."
        return f"Changed from {form.initial.get('amount')} to {after}."
