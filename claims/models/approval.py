from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.amounts import CURRENCY, AmountField, currency_field
from accounts.models.append_only import append_only
from claims.models.claim import Claim


class Approval(models.Model):
    """The approval of an amount by the first of two people. It pays nothing by itself."""

    class Outcome(models.TextChoices):
        REFUND = "refund", _("refund")
        GOODWILL = "goodwill", _("goodwill")

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="approvals")
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    amount = AmountField()
    currency = currency_field()
    answers = models.JSONField(
        default=dict, help_text=_("What the reviewer answered, by clause: met or failed.")
    )
    note = models.TextField(blank=True, max_length=4000, help_text=_("Meant for the customer."))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="approved_amount_is_positive"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.claim}: {self.amount} {self.currency} by {self.by}"


class ApprovalLimit(models.Model):
    """The amount above which two people must approve. Without a row, one person is enough."""

    currency = models.CharField(
        _("currency (ISO 4217, or the shop's own unit)"),
        max_length=10,
        primary_key=True,
        validators=[RegexValidator(CURRENCY)],
    )
    amount = AmountField(
        validators=[MinValueValidator(Decimal(0))],
        help_text=_("The most that one person pays alone."),
    )

    class Meta:
        ordering = ["currency"]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"
