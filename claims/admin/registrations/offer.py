from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from claims.models import Offer


@admin.register(Offer)
class OfferAdmin(ReadOnlyAdmin):
    """Offers of a replacement, and the customers' choices."""

    list_display = ("claim", "choice", "by", "made_at", "answer_by", "chosen_at")
    list_filter = ("choice",)
    list_select_related = ("claim", "by")
    search_fields = ("claim__code__exact", "by__email__exact")
    search_help_text = _("Search by claim code, or by the email of the reviewer")
    ordering = ("-id",)
