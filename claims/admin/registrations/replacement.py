from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from claims.models import Replacement


@admin.register(Replacement)
class ReplacementAdmin(ReadOnlyAdmin):
    """What the shop was asked for in the place of a defective number, and what came of it."""

    list_display = ("claim", "state", "order", "reason", "made_at", "answer_by", "settled_at")
    list_filter = ("state",)
    list_select_related = ("claim", "order")
    search_fields = ("claim__code__exact", "order__shop_id__exact", "request_id__exact")
    search_help_text = "Search by claim code, by the new order's id, or by request id"
    ordering = ("-id",)
