from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from claims.models import Offer


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    """Replacements that were offered, and what their customers chose."""

    list_display = ("claim", "choice", "by", "made_at", "answer_by", "chosen_at")
    list_filter = ("choice",)
    list_select_related = ("claim", "by")
    search_fields = ("claim__code__exact", "by__email__exact")
    search_help_text = "Search by claim code, or by the email of who offered"
    ordering = ("-id",)
