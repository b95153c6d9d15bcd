from django.contrib import admin

from accounts.admin import ReadOnlyAdmin
from claims.models import Event


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("at", "kind", "order", "claim", "actor")
    list_display_links = ("at", "kind")
    list_filter = ("kind",)
    list_select_related = ("order", "claim", "actor")
    search_fields = ("order__shop_id", "claim__code", "actor__email")
    search_help_text = "Search by order id, claim code, or the email of who did it"
    ordering = ("-at", "-id")
