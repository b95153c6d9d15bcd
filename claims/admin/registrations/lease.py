from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from claims.models import Lease


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    """Who has which claim before them. One whose time is over counts for nothing."""

    list_display = ("claim", "holder", "taken_at", "until")
    list_select_related = ("claim", "holder")
    search_fields = ("claim__code__exact", "holder__email__exact")
    search_help_text = "Search by claim code, or by the email of who has it"
    ordering = ("-until",)
