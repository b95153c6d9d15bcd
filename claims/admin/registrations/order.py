from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.addresses import stored_form
from accounts.admin import ReadOnlyAdmin
from accounts.models import CreditTransfer
from claims import queries
from claims.admin import badges
from claims.admin.stories import order_story
from claims.models import Order, SupplierEntry


class LateSmsFilter(admin.SimpleListFilter):
    """A filter of orders on which an SMS was reported although the price had gone back."""

    title = _("late SMS")
    parameter_name = "late_sms"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, str]]:
        return [("yes", gettext("Late SMS")), ("no", gettext("None"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(late_sms_at__isnull=self.value() == "no")


def orders_like(text: str, *, prefix: str = "") -> Q:
    """Select orders by the shop's id, the phone number or the customer's email."""
    email = Q((f"{prefix}customer__email__icontains", stored_form(text.strip())))
    return queries.orders_like(text, prefix=prefix) | email


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """An order as the shop reported it, with its story, its credit and its claims."""

    list_display = (
        "shop_id",
        "customer",
        "phone",
        "service",
        "price",
        "currency",
        "activation",
        "late_sms",
        "purchased_at",
        "returned_at",
    )
    list_filter = (LateSmsFilter, "product", "activation", "channel")
    list_select_related = ("customer", "number")
    search_fields = ("shop_id",)
    search_help_text = _("Search by order id, phone number or email")
    readonly_fields = ("replaced_by",)
    fields = (
        ("shop_id", "customer"),
        ("product", "number"),
        ("channel", "price", "currency"),
        ("activation", "purchased_at", "allotted_until"),
        ("sms_received_at", "completed_at", "late_sms_at"),
        ("claims_close_at", "returned_at"),
        ("replaces", "value", "list_price"),
        ("replaced_by", "replaced_at"),
        ("policy_version", "reported_at", "is_history"),
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        found = queryset.filter(orders_like(search_term)) if search_term.strip() else queryset
        return found, False

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        order = self.get_object(request, unquote(object_id))
        story = _story(order) if order else {}
        return super().change_view(request, object_id, form_url, story | (extra_context or {}))

    @admin.display(ordering="number__phone")
    def phone(self, order: Order) -> str:
        return order.number.formatted if order.number else "—"

    @admin.display(ordering="number__service")
    def service(self, order: Order) -> str:
        return order.number.service_name if order.number else "—"

    @admin.display(description=_("replaced by"))
    def replaced_by(self, order: Order) -> SafeString | str:
        if order.replaced_at is None:
            return "—"
        other = order.replacement_order
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:claims_order_change", args=[other.pk]), other
        )

    @admin.display(description=_("late SMS"), ordering="late_sms_at")
    def late_sms(self, order: Order) -> SafeString | str:
        return badges.badge(gettext("late SMS"), "warn") if order.late_sms_at else "—"


def _story(order: Order) -> dict[str, Any]:
    transfers = CreditTransfer.objects.filter(charge=order.charge_id)
    return {
        "order": order,
        "story": order_story(order, now=timezone.now()),
        "events": order.events.select_related("actor", "claim"),
        "supplier_entries": SupplierEntry.objects.filter(order=order),
        "transfers": transfers.select_related("debit__owner", "credit__owner"),
        "claims": order.claims.select_related("decision"),
    }
