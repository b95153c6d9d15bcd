"""Differences between the shop's figures for balances and ours, with what explains them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection

ROWS_AT_ONCE: Final = 1000
# Ours is what had moved by the instant of the shop's newest figure, before any shortfall is booked,
# on all accounts that a person has in the currency. A figure from before a merge is of one account
# alone, so it is not compared with the sum.
DIFFERENCES: Final = """
SELECT owner.email, coalesce(known.ids[1], ''), purse.currency, told.balance, told.at, ours.total,
       coalesce(pending.amount, 0), coalesce(waiting.count, 0)
  FROM (SELECT owner_id, currency, array_agg(id) AS ids FROM accounts_creditaccount
         WHERE kind = 'customer' GROUP BY owner_id, currency) AS purse
  JOIN accounts_user AS owner ON owner.id = purse.owner_id
  JOIN LATERAL (
        SELECT balance, at FROM accounts_balancesnapshot
         WHERE account_id = ANY (purse.ids) ORDER BY at DESC, id DESC LIMIT 1
       ) AS told ON true
  JOIN LATERAL (
        SELECT coalesce(sum(CASE WHEN credit_id = each.id THEN amount ELSE -amount END), 0)
               AS total
          FROM unnest(purse.ids) AS each (id)
          JOIN accounts_credittransfer ON each.id IN (debit_id, credit_id)
         WHERE kind <> 'uncovered' AND made_at <= told.at
       ) AS ours ON true
  LEFT JOIN LATERAL (
        SELECT array_agg(customer_id ORDER BY merged_at NULLS FIRST, customer_id) AS ids
          FROM accounts_customerid WHERE user_id = owner.id
       ) AS known ON true
  LEFT JOIN LATERAL (
        SELECT sum(acknowledgement.amount) AS amount
          FROM claims_acknowledgement AS acknowledgement
          JOIN accounts_credittransfer AS back ON back.id = acknowledgement.transfer_id
         WHERE back.credit_id = ANY (purse.ids) AND acknowledgement.state <> 'acknowledged'
           AND back.made_at <= told.at
       ) AS pending ON true
  LEFT JOIN LATERAL (
        SELECT count(*) AS count FROM claims_shopevent
         WHERE (customer_email = nullif(lower(owner.email), '') OR customer_id = ANY (known.ids))
           AND state IN ('waiting', 'refused')
       ) AS waiting ON true
 WHERE ours.total <> told.balance
   AND (cardinality(purse.ids) = 1
        OR NOT EXISTS (SELECT FROM accounts_customermerge AS done
                        WHERE done.survivor_id = owner.id AND done.done_at > told.at))
 ORDER BY owner.email, known.ids[1], purse.currency
"""


@dataclass(frozen=True)
class BalanceDifference:
    """A customer's balance in a currency, by the shop's newest figure and by us at its instant."""

    email: str
    """Empty for a customer without an address."""
    customer_id: str
    """The shop's id of the customer, or ''."""
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
    def customer(self) -> str:
        return self.email or self.customer_id

    @property
    def difference(self) -> Decimal:
        return self.told - self.ours

    @property
    def is_explained(self) -> bool:
        """Return whether the returns that the shop hasn't acknowledged make up the difference."""
        return self.difference == -self.pending


def balance_differences() -> Iterator[BalanceDifference]:
    """Yield the differences by customer and currency, in constant memory."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(DIFFERENCES, [])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for row in rows:
                yield BalanceDifference(*row)
