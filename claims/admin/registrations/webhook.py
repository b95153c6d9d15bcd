from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin import ReadOnlyAdmin
from claims.actions.shop import webhook_delivery
from claims.admin import badges
from claims.admin.permissions import user_with
from claims.models import Webhook
from claims.wording.validation_errors import text_of

TONES = {
    Webhook.State.SENT: "good",
    Webhook.State.DEAD: "bad",
    Webhook.State.LEFT_OUT: "warn",
}
SETTLE = "claims.settle_webhook"


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    """The events that we send to the shop, and whether it accepted them."""

    list_display = ("order", "type", "badge", "attempts", "problem", "at", "due_at", "sent_at")
    list_filter = ("state",)
    list_select_related = ("order",)
    search_fields = ("order__shop_id__exact", "message_id__exact")
    search_help_text = _("Search by order id, or by webhook-id")
    ordering = ("-id",)
    actions = ("send_again", "leave_out")

    @admin.display(description=_("state"), ordering="state")
    def badge(self, webhook: Webhook) -> SafeString | str:
        return badges.badge(
            webhook.get_state_display(), TONES.get(Webhook.State(webhook.state), "")
        )

    @admin.action(description=_("Send dead events again"), permissions=["settle"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Webhook, Any]) -> None:
        by, now = user_with(request, SETTLE), timezone.now()
        done = _each(
            request, chosen, lambda pk: webhook_delivery.send_again(webhook_id=pk, by=by, now=now)
        )
        if done:
            messages.success(
                request,
                ngettext(
                    "%(n)s event will be sent again.", "%(n)s events will be sent again.", done
                )
                % {"n": done},
            )

    @admin.action(
        description=_("Skip dead events: the shop never gets them"), permissions=["settle"]
    )
    def leave_out(self, request: HttpRequest, chosen: QuerySet[Webhook, Any]) -> None:
        by = user_with(request, SETTLE)
        done = _each(request, chosen, lambda pk: webhook_delivery.leave_out(webhook_id=pk, by=by))
        if done:
            messages.success(
                request,
                ngettext("%(n)s event was skipped.", "%(n)s events were skipped.", done)
                % {"n": done},
            )

    def has_settle_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(SETTLE)


def _each(
    request: HttpRequest, chosen: QuerySet[Webhook, Any], settle: Callable[[int], Webhook]
) -> int:
    """Settle each event and return how many could be; warn the person about the others."""
    done = 0
    for pk in chosen.order_by("pk").values_list("pk", flat=True):
        try:
            settle(pk)
            done += 1
        except ValidationError as error:
            messages.warning(request, text_of(error))
    return done
