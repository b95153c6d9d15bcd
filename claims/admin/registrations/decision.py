from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from claims.models import Decision


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("claim", "outcome", "clause", "by", "decided_at", "transfer")
    list_filter = ("outcome", "clause")
    list_select_related = ("claim", "by", "transfer")
    search_fields = ("claim__code", "by__email")
    search_help_text = _("Search by claim code, or by the email of the reviewer")
    ordering = ("-decided_at", "-id")
