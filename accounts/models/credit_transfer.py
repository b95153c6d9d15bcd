from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models.append_only import append_only
from accounts.models.credit_account import CreditAccount

# Locks in the order of account ids, so that two statements that credit the same people can't
# deadlock.
KEEP_BALANCES = """
PERFORM 1 FROM accounts_creditaccount
 WHERE kind = 'customer'
   AND id IN (SELECT debit_id FROM new_rows UNION SELECT credit_id FROM new_rows)
 ORDER BY id FOR UPDATE;

UPDATE accounts_creditaccount AS account
   SET balance = account.balance + moved.amount
  FROM (
        SELECT account_id, sum(amount) AS amount
          FROM (SELECT credit_id AS account_id, amount FROM new_rows
                UNION ALL
                SELECT debit_id, -amount FROM new_rows) AS sides
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
IF (debit.kind = 'customer') <> (NEW.kind = 'purchase')
   OR (credit.kind = 'customer') <> (NEW.kind <> 'purchase') THEN
    RAISE EXCEPTION 'a purchase goes from a customer to the shop, all else to a customer';
END IF;
RETURN NEW;
"""


class CreditTransfer(models.Model):
    """An amount that moved from one account (`debit`) to another (`credit`).

    One row is a double entry, so it balances by construction. `key` names the cause and is unique,
    so the same cause never moves money twice. Nothing changes or deletes a transfer.
    """

    class Kind(models.TextChoices):
        TOP_UP = "top_up", _("top-up")
        PURCHASE = "purchase", _("purchase")
        RETURN = "return", _("return")
        GOODWILL = "goodwill", _("goodwill")

    debit = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="debits")
    credit = models.ForeignKey(CreditAccount, on_delete=models.PROTECT, related_name="credits")
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    key = models.CharField(max_length=80, unique=True)
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
                condition=Q(kind__in=["top_up", "purchase", "return", "goodwill"]),
                name="transfer_kind_is_known",
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

    @property
    def cause(self) -> tuple[str, str]:
        """Return the cause from the key: a noun and its id, such as `("order", "17")`."""
        noun, ident, _verb = self.key.split(":", 2)
        return noun, ident
