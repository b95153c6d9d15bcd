from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.admin import ReadOnlyAdmin
from claims.actions.shop import webhook_delivery
from claims.admin import badges
from claims.admin.permissions import user_with
from claims.models import Webhook

TONES = {
    Webhook.State.SENT: "good",
    Webhook.State.DEAD: "bad",
    Webhook.State.LEFT_OUT: "warn",
}
SETTLE = "claims.settle_webhook"


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """What the shop is told, and whether it took it."""

    list_display = ("order", "type", "badge", "attempts", "problem", "at", "due_at", "sent_at")
    list_filter = ("state",)
    list_select_related = ("order",)
    search_fields = ("order__shop_id__exact", "message_id__exact")
    search_help_text = "Search by order id, or by webhook-id"
    ordering = ("-id",)
    actions = ("send_again", "leave_out")

    @admin.display(description="state", ordering="state")
    def badge(self, webhook: Webhook) -> SafeString | str:
        return badges.badge(
            webhook.get_state_display(), TONES.get(Webhook.State(webhook.state), "")
        )

    @admin.action(description="Send again what was given up", permissions=["settle"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Webhook, Any]) -> None:
        by, now = user_with(request, SETTLE), timezone.now()
        done = _each(
            request, chosen, lambda pk: webhook_delivery.send_again(webhook_id=pk, by=by, now=now)
        )
        if done:
            messages.success(request, f"{done} will be sent again.")

    @admin.action(
        description="Leave out what was given up: the shop is never told", permissions=["settle"]
    )
    def leave_out(self, request: HttpRequest, chosen: QuerySet[Webhook, Any]) -> None:
        by = user_with(request, SETTLE)
        done = _each(request, chosen, lambda pk: webhook_delivery.leave_out(webhook_id=pk, by=by))
        if done:
            messages.success(request, f"{done} left out.")

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SETTLE)


def _each(
    request: HttpRequest, chosen: QuerySet[Webhook, Any], settle: Callable[[int], Webhook]
) -> int:
    """Settle each of them; how many could be. The others are said to whoever asked."""
    done = 0
    for pk in chosen.order_by("pk").values_list("pk", flat=True):
        try:
            settle(pk)
            done += 1
        except ValidationError as error:
            messages.warning(request, " ".join(error.messages))
    return done
