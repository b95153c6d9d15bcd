"""Checks that the ledger adds up. Each check is one statement, so it sees one moment's state.

The database's triggers already ensure all of this. The checks find the damage after someone has
disabled the triggers, or restored half of a backup.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

ROWS_AT_ONCE = 1000

# The sum of each account's transfers, in and out.
MOVED = """
SELECT account_id, sum(amount) AS amount
  FROM (SELECT credit_id AS account_id, amount FROM accounts_credittransfer
        UNION ALL
        SELECT debit_id, -amount FROM accounts_credittransfer) AS sides
 GROUP BY account_id
"""
BALANCES = f"""
SELECT format('%%s, %%s: the balance is %%s, its transfers add up to %%s',
              owner.email, account.currency, account.balance, coalesce(moved.amount, 0.00))
  FROM accounts_creditaccount AS account
  JOIN accounts_user AS owner ON owner.id = account.owner_id
  LEFT JOIN ({MOVED}) AS moved ON moved.account_id = account.id
 WHERE account.balance <> coalesce(moved.amount, 0)
 ORDER BY owner.email, account.currency
"""  # noqa: S608  # built from constants
ZERO = f"""
SELECT format('%%s: all balances add up to %%s, not to zero',
              account.currency, sum(coalesce(account.balance, moved.amount, 0)))
  FROM accounts_creditaccount AS account
  LEFT JOIN ({MOVED}) AS moved ON moved.account_id = account.id
 GROUP BY account.currency
HAVING sum(coalesce(account.balance, moved.amount, 0)) <> 0
 ORDER BY account.currency
"""  # noqa: S608  # built from constants
RETURNS = """
SELECT format('order %%s: it got back %%s %%s and had paid %%s', split_part(key, ':', 2),
              coalesce(sum(amount) FILTER (WHERE kind IN ('return', 'goodwill')), 0.00),
              currency, coalesce(sum(amount) FILTER (WHERE kind = 'purchase'), 0.00))
  FROM accounts_credittransfer
 WHERE starts_with(key, 'order:')
 GROUP BY split_part(key, ':', 2), currency
HAVING coalesce(sum(amount) FILTER (WHERE kind IN ('return', 'goodwill')), 0)
       > coalesce(sum(amount) FILTER (WHERE kind = 'purchase'), 0)
 ORDER BY split_part(key, ':', 2), currency
"""


def faults() -> Iterator[str]:
    """Yield a sentence for each fault.

    A fault is a balance that isn't the sum of its transfers, a currency whose balances don't add up
    to zero, or an order that got back more than it paid.
    """
    for question in (BALANCES, ZERO, RETURNS):
        yield from _answers(question)


def _answers(question: str) -> Iterator[str]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(question, [])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for (sentence,) in rows:
                yield sentence
