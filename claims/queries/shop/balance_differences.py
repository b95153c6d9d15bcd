"""Differences between the shop's figures for balances and ours, with what explains them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection

ROWS_AT_ONCE: Final = 1000
# Ours is what had moved by the instant of the shop's newest figure, before any shortfall is booked.
DIFFERENCES: Final = """
SELECT owner.email, account.currency, told.balance, told.at, ours.total,
       coalesce(pending.amount, 0), coalesce(waiting.count, 0)
  FROM accounts_creditaccount AS account
  JOIN accounts_user AS owner ON owner.id = account.owner_id
  JOIN LATERAL (
        SELECT balance, at FROM accounts_balancesnapshot
         WHERE account_id = account.id ORDER BY at DESC, id DESC LIMIT 1
       ) AS told ON true
  JOIN LATERAL (
        SELECT coalesce(sum(CASE WHEN credit_id = account.id THEN amount ELSE -amount END), 0)
               AS total
          FROM accounts_credittransfer
         WHERE account.id IN (debit_id, credit_id) AND kind <> 'uncovered' AND made_at <= told.at
       ) AS ours ON true
  LEFT JOIN LATERAL (
        SELECT sum(acknowledgement.amount) AS amount
          FROM claims_acknowledgement AS acknowledgement
          JOIN accounts_credittransfer AS back ON back.id = acknowledgement.transfer_id
         WHERE back.credit_id = account.id AND acknowledgement.state <> 'acknowledged'
           AND back.made_at <= told.at
       ) AS pending ON true
  LEFT JOIN LATERAL (
        SELECT count(*) AS count FROM claims_shopevent
         WHERE customer_email = lower(owner.email) AND state IN ('waiting', 'refused')
       ) AS waiting ON true
 WHERE ours.total <> told.balance
 ORDER BY owner.email, account.currency
"""


@dataclass(frozen=True)
class BalanceDifference:
    """A customer's balance at the instant of the shop's newest figure, by the shop and by us."""

    email: str
    currency: str
    told: Decimal
    at: datetime
    ours: Decimal
    """Negative for purchases beyond the credit known here."""
    pending: Decimal
    """Returns that the shop hasn't acknowledged, and so may not have in its figure."""
    unapplied: int
    """Events about the customer that wait or were refused."""

    @property
    def difference(self) -> Decimal:
        return self.told - self.ours

    @property
    def is_explained(self) -> bool:
        """Return whether the returns that the shop hasn't acknowledged make up the difference."""
        return self.difference == -self.pending


def balance_differences() -> Iterator[BalanceDifference]:
    """Yield the differences by email and currency, in constant memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(DIFFERENCES, [])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for row in rows:
                yield BalanceDifference(*row)
