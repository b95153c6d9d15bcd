from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.amounts import AmountField, currency_field
from accounts.models.append_only import append_only
from claims.models.order import Order
from claims.models.shop_event import ShopEvent


class SupplierEntry(models.Model):
    """Money between the shop and its supplier for an order. Customers never see it."""

    class Kind(models.TextChoices):
        CHARGED = "charged", _("charged by the supplier")
        REFUNDED = "refunded", _("refunded by the supplier")

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="supplier_entries")
    event = models.OneToOneField(ShopEvent, on_delete=models.PROTECT)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount = AmountField()
    currency = currency_field()
    supplier_order_id = models.CharField(_("the supplier's order id"), max_length=64, blank=True)
    at = models.DateTimeField(help_text=_("By the shop's clock."))

    class Meta:
        ordering = ["at", "id"]
        verbose_name_plural = _("supplier entries")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["charged", "refunded"], amount__gt=0),
                name="supplier_entry_is_an_amount_of_a_known_kind",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.order}: {self.get_kind_display()}, {self.amount} {self.currency}"
