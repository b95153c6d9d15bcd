from __future__ import annotations

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from claims.admin import badges
from claims.models import ShopEvent

TONES = {
    ShopEvent.State.APPLIED: "good",
    ShopEvent.State.REFUSED: "bad",
    ShopEvent.State.UNKNOWN: "warn",
}


@admin.register(ShopEvent)
class ShopEventAdmin(ReadOnlyAdmin):
    """The events that the shop sent, and the result of each."""

    list_display = ("event_id", "type", "shop_order_id", "badge", "problem", "at", "received_at")
    list_filter = ("state",)
    search_fields = (
        "event_id__exact",
        "shop_order_id__exact",
        "customer_email__exact",
        "customer_id__exact",
    )
    search_help_text = _("Search by event id, by order id, or by the customer's email or id")
    ordering = ("-id",)

    readonly_fields = ("other_contents",)

    @admin.display(description=_("other contents under this id"))
    def other_contents(self, event: ShopEvent) -> SafeString | str:
        """Return what the shop sent under the same id later, which changed nothing."""
        rows = ((row.received_at, row.type, row.data) for row in event.contradictions.all())
        return format_html_join(mark_safe("<br>"), "{:%Y-%m-%d %H:%M} {} {}", rows) or "—"

    @admin.display(description=_("state"), ordering="state")
    def badge(self, event: ShopEvent) -> SafeString | str:
        return badges.badge(event.get_state_display(), TONES.get(ShopEvent.State(event.state), ""))
