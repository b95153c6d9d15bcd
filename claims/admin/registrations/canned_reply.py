from __future__ import annotations

from django.contrib import admin

from accounts.admin import StockAdmin
from claims.models import CannedReply


@admin.register(CannedReply)
class CannedReplyAdmin(StockAdmin):
    """Texts to begin with. Supervisors write them; what was sent stays as it was sent."""

    list_display = ("name", "clause", "language")
    list_filter = ("clause", "language")
    search_fields = ("name", "body")
    search_help_text = "Search by name, or by what it says"
    show_full_result_count = False
    # One at a time, so that each is read before it goes.
    actions = None
