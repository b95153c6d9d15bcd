from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.amounts import AmountField
from accounts.models.append_only import append_only
from accounts.models.credit_account import CreditAccount


class BalanceSnapshot(models.Model):
    """The shop's own figure for a customer's balance at an instant. It never moves credit."""

    account = models.ForeignKey(
        CreditAccount, on_delete=models.PROTECT, related_name="snapshots", db_index=False
    )
    event_id = models.CharField(_("the shop's event id"), max_length=128, unique=True)
    balance = AmountField()
    at = models.DateTimeField(help_text=_("By the shop's clock."))

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # Serves `balance_differences`, which looks for each account's newest figure.
            models.Index(fields=["account", "-at", "-id"], name="snapshots_of_an_account"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = append_only()

    def __str__(self) -> str:
        return f"{self.account}: {self.balance}"
