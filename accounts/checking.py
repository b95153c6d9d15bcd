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
              coalesce(nullif(owner.email, ''), 'person ' || owner.id), account.currency,
              account.balance, coalesce(moved.amount, 0))
  FROM accounts_creditaccount AS account
  JOIN accounts_user AS owner ON owner.id = account.owner_id
  LEFT JOIN ({MOVED}) AS moved ON moved.account_id = account.id
 WHERE account.balance <> coalesce(moved.amount, 0)
 ORDER BY owner.email, account.currency
"""  # noqa: S608  # built from constants
# Compares the uncovered figure of each account with the transfers that book and repay it.
UNCOVERED = """
SELECT format('%%s, %%s: uncovered is %%s, its transfers add up to %%s',
              coalesce(nullif(owner.email, ''), 'person ' || owner.id), account.currency,
              account.uncovered, coalesce(booked.amount, 0))
  FROM accounts_creditaccount AS account
  JOIN accounts_user AS owner ON owner.id = account.owner_id
  LEFT JOIN (SELECT account_id, sum(amount) AS amount
               FROM (SELECT credit_id AS account_id, amount FROM accounts_credittransfer
                      WHERE kind = 'uncovered'
                     UNION ALL
                     SELECT debit_id, -amount FROM accounts_credittransfer
                      WHERE kind = 'uncovered') AS sides
              GROUP BY account_id) AS booked ON booked.account_id = account.id
 WHERE account.uncovered <> coalesce(booked.amount, 0)
    OR least(account.balance, account.uncovered) > 0
 ORDER BY owner.email, account.currency
"""
ZERO = f"""
SELECT format('%%s: all balances add up to %%s, not to zero',
              account.currency, sum(coalesce(account.balance, moved.amount, 0)))
  FROM accounts_creditaccount AS account
  LEFT JOIN ({MOVED}) AS moved ON moved.account_id = account.id
 GROUP BY account.currency
HAVING sum(coalesce(account.balance, moved.amount, 0)) <> 0
 ORDER BY account.currency
"""  # noqa: S608  # built from constants
CHARGES = """
SELECT format('charge %%s: it is %%s %%s, %%s was booked and %%s went back', charge.reference,
              charge.amount, charge.currency, coalesce(moved.booked, 0), coalesce(moved.back, 0))
  FROM accounts_charge AS charge
  LEFT JOIN (SELECT charge_id,
                    sum(amount) FILTER (WHERE kind IN ('purchase', 'top_up')) AS booked,
                    sum(amount) FILTER (WHERE kind IN ('return', 'goodwill')) AS back
               FROM accounts_credittransfer
              GROUP BY charge_id) AS moved ON moved.charge_id = charge.id
 WHERE charge.amount <> coalesce(moved.booked, 0) OR charge.amount < coalesce(moved.back, 0)
 ORDER BY charge.reference
"""


def faults() -> Iterator[str]:
    """Yield a sentence for each fault.

    A fault is a balance, or what is uncovered, that isn't the sum of its transfers; a currency
    whose balances don't add up to zero; or a charge that isn't booked for its amount, or that got
    back more than that.
    """
    for question in (BALANCES, UNCOVERED, ZERO, CHARGES):
        yield from _answers(question)


def _answers(question: str) -> Iterator[str]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(question, [])
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            for (sentence,) in rows:
                yield sentence
