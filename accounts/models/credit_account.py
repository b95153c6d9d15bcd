from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.amounts import CURRENCY, AmountField, currency_field
from accounts.models.append_only import ChangesByTriggersAlone, never_deleted
from accounts.models.customer_merge import changes_owner_by_merge, comes_to_nobody_merged

# A merge gives an account to another owner, who learns whose it was, and changes nothing else.
CHANGES_BY_TRANSFERS = """
IF pg_trigger_depth() = 1
   AND ((NEW.owner_id IS NOT DISTINCT FROM OLD.owner_id)
        OR (NEW.kind, NEW.currency, NEW.balance, NEW.uncovered, NEW.former_owner_id)
           IS DISTINCT FROM (OLD.kind, OLD.currency, OLD.balance, OLD.uncovered,
                             coalesce(OLD.former_owner_id, OLD.owner_id))) THEN
    RAISE EXCEPTION 'a credit account changes by credit transfers alone';
END IF;
RETURN NEW;
"""


class CreditAccount(models.Model):
    """An account of credit in one currency: a customer's, or one of the shop's own.

    A customer's account stores its balance, which the database keeps equal to the sum of its
    transfers, and the part of its purchases that no credit of ours covers. One of the two is 0.
    The shop's accounts store neither, because every transfer would have to wait for their row.
    Their balance is a sum, and may be negative.
    """

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("customer's credit")
        PAYMENTS = "payments", _("payments received")
        SALES = "sales", _("sales")
        GOODWILL = "goodwill", _("goodwill given")
        ADJUSTMENTS = "adjustments", _("the shop's adjustments")
        UNCOVERED = "uncovered", _("purchases beyond the credit known here")

    kind = models.CharField(max_length=16, choices=Kind.choices)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="credit_accounts",
        db_index=False,  # an index below begins with it
    )
    former_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text=_("The customer whose account it was, if they became another person."),
    )
    currency = currency_field()
    balance = AmountField(null=True, blank=True)
    uncovered = AmountField(
        null=True, blank=True, help_text=_("Spent beyond the credit that we know of.")
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "currency"],
                condition=Q(former_owner__isnull=True),
                name="one_account_per_customer_and_currency",
            ),
            models.UniqueConstraint(
                fields=["kind", "currency"],
                condition=~Q(kind="customer"),
                name="one_shop_account_per_kind_and_currency",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="customer",
                    owner__isnull=False,
                    balance__isnull=False,
                    uncovered__isnull=False,
                )
                | (
                    ~Q(kind="customer")
                    & Q(owner__isnull=True, balance__isnull=True, uncovered__isnull=True)
                ),
                name="customers_accounts_have_an_owner_and_a_balance",
            ),
            models.CheckConstraint(
                condition=Q(balance__isnull=True) | Q(balance__gte=0),
                name="balance_is_never_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(uncovered__isnull=True) | Q(uncovered__gte=0),
                name="uncovered_is_never_below_zero",
            ),
            # So the balance is max(0, sum) and uncovered max(0, -sum), in any order of arrival.
            models.CheckConstraint(
                condition=Q(balance__isnull=True) | Q(balance=0) | Q(uncovered=0),
                name="credit_repays_what_is_uncovered_first",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=CURRENCY), name="account_currency_is_a_code"
            ),
        ]
        indexes = [
            # Serves every look-up by owner.
            models.Index(fields=["owner", "currency"], name="accounts_of_an_owner"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *never_deleted(),
            pgtrigger.Trigger(
                name="opens_empty",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__balance__gt=0) | pgtrigger.Q(new__uncovered__gt=0),
                func="RAISE EXCEPTION 'a credit account opens with a balance of zero';",
            ),
            ChangesByTriggersAlone(
                name="changes_by_transfers_alone",
                func=CHANGES_BY_TRANSFERS,
                but=("owner_id", "former_owner_id"),
            ),
            changes_owner_by_merge("owner_id"),
            comes_to_nobody_merged("owner_id"),
        ]

    def __str__(self) -> str:
        return f"{self.owner or self.get_kind_display()}, {self.currency}"
