from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from claims.models import Lease


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    """The reviewers who are working on claims. A lease whose time is over has no effect."""

    list_display = ("claim", "holder", "taken_at", "until")
    list_select_related = ("claim", "holder")
    search_fields = ("claim__code__exact", "holder__email__exact")
    search_help_text = _("Search by claim code, or by the email of the reviewer")
    ordering = ("-until",)
