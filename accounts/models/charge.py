from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.amounts import CURRENCY, AmountField, currency_field
from accounts.models.append_only import append_only
from accounts.models.credit_account import CreditAccount

CHARGES_A_CUSTOMER = """
IF NOT EXISTS (SELECT FROM accounts_creditaccount AS account
                WHERE account.id = NEW.account_id AND account.kind = 'customer'
                  AND account.currency = NEW.currency) THEN
    RAISE EXCEPTION 'a charge is of a customer''s account in its currency';
END IF;
RETURN NEW;
"""
IS_BOOKED = """
IF NEW.amount > 0 AND NOT EXISTS (
    SELECT FROM accounts_credittransfer AS transfer
     WHERE transfer.charge_id = NEW.id AND transfer.kind IN ('purchase', 'top_up')) THEN
    RAISE EXCEPTION 'a charge of more than 0 has its purchase or top-up';
END IF;
RETURN NULL;
"""


class Charge(models.Model):
    """Something that a customer bought from credit, or a top-up. Nothing changes or deletes it.

    Transfers point to it, so the database can hold that it is booked once, for its amount, and
    that its price goes back once at most. A charge of 0 has no transfers.
    """

    class Kind(models.TextChoices):
        PURCHASE = "purchase", _("purchase")
        TOP_UP = "top_up", _("top-up")

    account = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="charges")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    amount = AmountField()
    currency = currency_field()
    reference = models.CharField(
        _("the shop's reference"), max_length=64, unique=True, help_text=_("The shop's order id.")
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="purchase", amount__gte=0) | Q(kind="top_up", amount__gt=0),
                name="charge_amount_is_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=CURRENCY), name="charge_currency_is_a_code"
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *append_only(),
            pgtrigger.Trigger(
                name="charges_a_customer",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=CHARGES_A_CUSTOMER,
            ),
            pgtrigger.Trigger(
                name="is_booked",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=IS_BOOKED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference}: {self.amount} {self.currency}"
