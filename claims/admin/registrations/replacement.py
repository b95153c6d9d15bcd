from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from claims.models import Replacement


@admin.register(Replacement)
class ReplacementAdmin(ReadOnlyAdmin):
    """Requests to the shop for a replacement, and the result of each."""

    list_display = ("claim", "state", "order", "reason", "made_at", "answer_by", "settled_at")
    list_filter = ("state",)
    list_select_related = ("claim", "order")
    search_fields = ("claim__code__exact", "order__shop_id__exact", "request_id__exact")
    search_help_text = _("Search by claim code, by the new order's id, or by request id")
    ordering = ("-id",)
