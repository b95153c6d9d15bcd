from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import CreditTransfer
from accounts.models.amounts import AmountField, currency_field
from accounts.models.append_only import never_deleted
from claims.models.order import Order
from claims.models.shop_event import ShopEvent

AGREES = Q(answered_amount=F("amount"), answered_currency=F("currency"))


class Acknowledgement(models.Model):
    """The shop's answer to a returned credit: pending, the same amount, or another one.

    The shop's balance is the authority, and its newest answer counts. The row is written with the
    return, if the shop is told of returns.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        DIFFERS = "differs", _("another amount")

    transfer = models.OneToOneField(CreditTransfer, on_delete=models.PROTECT)
    order = models.OneToOneField(Order, on_delete=models.PROTECT)
    amount = AmountField()
    currency = currency_field()
    returned_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    answer = models.ForeignKey(
        ShopEvent,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    answered_at = models.DateTimeField(null=True, blank=True, help_text=_("By the shop's clock."))
    answered_amount = AmountField(null=True, blank=True)
    answered_currency = models.CharField(max_length=10, blank=True)

    class Meta:
        verbose_name = _("acknowledgement of a return")
        verbose_name_plural = _("acknowledgements of returns")
        ordering = ["returned_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state="pending",
                    answer__isnull=True,
                    answered_at__isnull=True,
                    answered_amount__isnull=True,
                )
                | Q(
                    state__in=["acknowledged", "differs"],
                    answer__isnull=False,
                    answered_at__isnull=False,
                    answered_amount__isnull=False,
                ),
                name="acknowledgement_has_an_answer",
            ),
            models.CheckConstraint(
                condition=Q(state="pending")
                | (Q(state="acknowledged") & AGREES)
                | (Q(state="differs") & ~AGREES),
                name="acknowledgement_compares_the_amounts",
            ),
        ]
        indexes = [
            # Serves `open_returns`: the admin's list and the daily mail.
            models.Index(
                fields=["returned_at", "id"],
                condition=~Q(state="acknowledged"),
                name="open_acknowledgements",
            )
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.ReadOnly(
                name="keeps_what_was_returned",
                fields=["transfer", "order", "amount", "currency", "returned_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}: {self.amount} {self.currency}"

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING
