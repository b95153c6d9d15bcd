from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.amounts import AmountField, currency_field
from accounts.models.append_only import WritesAsOwner, append_only
from accounts.models.charge import Charge
from accounts.models.credit_account import CreditAccount

# Locks in the order of account ids, so that two statements that credit the same people can't
# deadlock.
KEEP_BALANCES = """
PERFORM 1 FROM accounts_creditaccount
 WHERE kind = 'customer'
   AND id IN (SELECT debit_id FROM new_rows UNION SELECT credit_id FROM new_rows)
 ORDER BY id FOR UPDATE;

UPDATE accounts_creditaccount AS account
   SET balance = account.balance + moved.amount,
       uncovered = account.uncovered + moved.uncovered
  FROM (
        SELECT account_id, sum(amount) AS amount,
               coalesce(sum(amount) FILTER (WHERE kind = 'uncovered'), 0) AS uncovered
          FROM (SELECT credit_id AS account_id, amount, kind FROM new_rows
                UNION ALL
                SELECT debit_id, -amount, kind FROM new_rows) AS sides
         GROUP BY account_id
       ) AS moved
 WHERE account.id = moved.account_id AND account.kind = 'customer';
RETURN NULL;
"""

JOINS_CUSTOMER_AND_SHOP = """
SELECT * INTO debit FROM accounts_creditaccount WHERE id = NEW.debit_id;
SELECT * INTO credit FROM accounts_creditaccount WHERE id = NEW.credit_id;
IF debit.currency <> NEW.currency OR credit.currency <> NEW.currency THEN
    RAISE EXCEPTION 'a credit transfer and its accounts have one currency';
END IF;
IF (debit.kind = 'customer') = (credit.kind = 'customer')
   OR (NEW.kind = 'purchase' AND credit.kind = 'customer')
   OR (NEW.kind IN ('top_up', 'return', 'goodwill') AND debit.kind = 'customer') THEN
    RAISE EXCEPTION 'a purchase goes from a customer to the shop, what gives credit to a customer';
END IF;
IF (CASE WHEN debit.kind = 'customer' THEN credit.kind ELSE debit.kind END)
   <> (CASE NEW.kind WHEN 'top_up' THEN 'payments' WHEN 'goodwill' THEN 'goodwill'
                     WHEN 'adjustment' THEN 'adjustments' WHEN 'uncovered' THEN 'uncovered'
                     ELSE 'sales' END) THEN
    RAISE EXCEPTION 'each kind of credit transfer has its own account of the shop';
END IF;
RETURN NEW;
"""

SETTLES_ITS_CHARGE = """
SELECT * INTO charged FROM accounts_charge WHERE id = NEW.charge_id;
IF charged.account_id NOT IN (NEW.debit_id, NEW.credit_id) THEN
    RAISE EXCEPTION 'a credit transfer is of the account that was charged';
END IF;
IF NEW.kind IN ('purchase', 'top_up')
   AND (NEW.kind, NEW.amount) <> (charged.kind, charged.amount) THEN
    RAISE EXCEPTION 'a purchase or a top-up is of the whole amount of its charge';
END IF;
IF NEW.kind IN ('return', 'goodwill')
   AND (charged.kind <> 'purchase' OR NEW.amount > charged.amount) THEN
    RAISE EXCEPTION 'only a purchase goes back, and no more than its price';
END IF;
RETURN NEW;
"""

OF_A_CHARGE = ("purchase", "top_up", "return", "goodwill")
CAUSE = (
    Q(kind__in=OF_A_CHARGE, charge__isnull=False, event_id="")
    | (Q(kind="adjustment", charge__isnull=True) & ~Q(event_id=""))
    | Q(kind="uncovered", charge__isnull=False, event_id="")
    | (Q(kind="uncovered", charge__isnull=True) & ~Q(event_id=""))
)


class CreditTransfer(models.Model):
    """An amount that moved from one account (`debit`) to another (`credit`).

    One row is a double entry, so it balances by construction. `key` names the cause and is unique,
    so the same cause never moves money twice. Nothing changes or deletes a transfer. The cause is
    a charge, or an event of the shop by its id.
    """

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("top-up")
        PURCHASE = "purchase", _("purchase")
        RETURN = "return", _("return")
        GOODWILL = "goodwill", _("goodwill")
        ADJUSTMENT = "adjustment", _("adjustment by the shop")
        UNCOVERED = "uncovered", _("not covered by credit known here")

    debit = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="credits")
    amount = AmountField()
    currency = currency_field()
    kind = models.CharField(max_length=16, choices=Kind.choices)
    # The index serves the admin's page of an order, which lists the transfers of its charge.
    charge = models.ForeignKey(
        Charge,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="transfers",
    )
    event_id = models.CharField(_("the shop's event id"), max_length=128, blank=True)
    key = models.CharField(max_length=160, unique=True)
    # The index serves the admin's list of transfers, newest first.
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_is_positive"),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="transfer_joins_two_accounts"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[*OF_A_CHARGE, "adjustment", "uncovered"]),
                name="transfer_kind_is_known",
            ),
            models.CheckConstraint(condition=CAUSE, name="transfer_has_one_cause"),
            models.UniqueConstraint(
                fields=["charge"],
                condition=Q(kind__in=["purchase", "top_up"]),
                name="a_charge_is_booked_once",
            ),
            models.UniqueConstraint(
                fields=["charge"],
                condition=Q(kind__in=["return", "goodwill"]),
                name="a_charge_goes_back_once",
            ),
            models.UniqueConstraint(
                fields=["event_id"],
                condition=Q(kind="adjustment"),
                name="one_adjustment_per_event",
            ),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            *append_only(),
            pgtrigger.Trigger(
                name="joins_customer_and_shop",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[
                    ("debit", "accounts_creditaccount%ROWTYPE"),
                    ("credit", "accounts_creditaccount%ROWTYPE"),
                ],
                func=JOINS_CUSTOMER_AND_SHOP,
            ),
            pgtrigger.Trigger(
                name="settles_its_charge",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__charge__isnull=False),
                declare=[("charged", "accounts_charge%ROWTYPE")],
                func=SETTLES_ITS_CHARGE,
            ),
            WritesAsOwner(
                name="keeps_balances",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(  # type: ignore[no-untyped-call]  # it has no types
                    new="new_rows"
                ),
                func=KEEP_BALANCES,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.amount} {self.currency}"
