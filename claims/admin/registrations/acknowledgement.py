from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin import ReadOnlyAdmin
from claims.admin import badges
from claims.models import Acknowledgement

State = Acknowledgement.State
TONES = {State.ACKNOWLEDGED: "good", State.DIFFERS: "bad", State.PENDING: "warn"}


class AgreedFilter(admin.SimpleListFilter):
    """A filter by the shop's answer. Without a choice it shows what the shop has not agreed to."""

    title = _("whether the shop agrees")
    parameter_name = "agreed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            (State.DIFFERS, gettext("Another amount")),
            (State.PENDING, gettext("Pending")),
            ("all", gettext("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": gettext("Not agreed")}, *others]

    def queryset(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return rows
        if self.value() in (State.DIFFERS, State.PENDING):
            return rows.filter(state=self.value())
        return rows.exclude(state=State.ACKNOWLEDGED)


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ReadOnlyAdmin):
    """Returned credit that the shop has not acknowledged, or reports differently."""

    list_display = ("order", "returned", "said", "badge", "returned_at", "answered_at")
    list_filter = (AgreedFilter,)
    list_select_related = ("order",)
    search_fields = ("order__shop_id__exact", "order__customer__email__exact")
    search_help_text = _("Search by order id, or by the customer's email")
    ordering = ("returned_at", "id")

    @admin.display(description=_("went back"), ordering="amount")
    def returned(self, row: Acknowledgement) -> str:
        return f"{row.amount} {row.currency}"

    @admin.display(description=_("the shop says"), ordering="answered_amount")
    def said(self, row: Acknowledgement) -> str:
        return "" if row.answer_id is None else f"{row.answered_amount} {row.answered_currency}"

    @admin.display(description=_("state"), ordering="state")
    def badge(self, row: Acknowledgement) -> SafeString | str:
        return badges.badge(row.get_state_display(), TONES.get(State(row.state), ""))
