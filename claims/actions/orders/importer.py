"""The import of any number of reports, in constant memory.

The import stages the reports in a temporary table of this connection. It then reads them customer
by customer, in the order in which credit counts: orders that cost nothing, then purchases by time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from django.db import connection, reset_queries

from claims.actions.orders.arrivals import Arrivals
from claims.actions.orders.intake import receive_orders, rehearse_orders
from claims.formats.reports import OrderReport

BATCH_ROWS = 1000

CREATE = """
CREATE TEMPORARY TABLE shop_report (
    line bigint, order_id text COLLATE "C", customer_email text COLLATE "C", customer_name text,
    product text, service text, country text, phone text, supplier text, two_factor boolean,
    channel text, price numeric, currency text, purchased_at timestamptz,
    allotted_until timestamptz, activation text, sms_received_at timestamptz,
    completed_at timestamptz, updated_at timestamptz, service_sent text, country_sent text,
    phone_sent text, customer_id text COLLATE "C", supplier_order_id text, supplier_cost numeric,
    user_id bigint
)
"""
# Reports on one order stay together even when they name several customers: the order belongs to
# the stored customer, or else to the one in the oldest report. A customer with an id goes by their
# first address, so that rows without the id come with theirs.
BY_CUSTOMER = """
WITH named AS (
    SELECT report.order_id, report.updated_at, report.customer_email, report.customer_id,
           CASE WHEN report.customer_id = '' THEN report.customer_email
                ELSE coalesce(
                    min(nullif(report.customer_email, '')) OVER (PARTITION BY report.customer_id),
                    report.customer_id)
           END AS owner
      FROM shop_report AS report
), bought AS (
    SELECT DISTINCT ON (named.order_id)
           named.order_id,
           coalesce(nullif(lower(customer.email), ''), known.customer_id::text, named.owner)
               AS owner
      FROM named
      LEFT JOIN claims_order AS known ON known.shop_id = named.order_id
      LEFT JOIN accounts_user AS customer ON customer.id = known.customer_id
     ORDER BY named.order_id, named.updated_at, named.customer_email, named.customer_id
)
SELECT bought.owner, report.*
  FROM shop_report AS report
  JOIN bought USING (order_id)
 ORDER BY bought.owner, report.order_id, report.line
"""


class Batch(NamedTuple):
    """Reports to receive in one transaction. The batches of one group hold whole customers."""

    group: int
    reports: Sequence[OrderReport]


def import_orders(
    *, reports: Iterable[OrderReport], now: datetime, is_history: bool = False
) -> Iterator[Arrivals]:
    """Receive all reports in many small transactions, and yield the result of each.

    With `is_history`, the automatic returns of the new orders are told to nobody.
    The import is idempotent, so run it again after an interruption.
    """
    for batch in _staged(reports):
        yield receive_orders(reports=batch.reports, now=now, is_history=is_history)


def rehearse_import(
    *, reports: Iterable[OrderReport], now: datetime, is_history: bool = False
) -> Iterator[Arrivals]:
    """Yield the results that `import_orders` would yield, and change nothing.

    The result for a customer depends only on that customer's earlier reports. So this rehearses
    whole customers in one transaction, and rolls it back.
    """
    for _, batches in groupby(_staged(reports), key=attrgetter("group")):
        reports_of = (batch.reports for batch in batches)
        yield from rehearse_orders(batches=reports_of, now=now, is_history=is_history)


def _staged(reports: Iterable[OrderReport]) -> Iterator[Batch]:
    _stage(reports)
    try:
        yield from _batches(_rows())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS pg_temp.shop_report")


def _stage(reports: Iterable[OrderReport]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.shop_report")
        cursor.execute(CREATE)
        with cursor.copy("COPY shop_report FROM STDIN") as copy:
            for report in reports:
                copy.write_row(report)
        cursor.execute("ANALYZE shop_report")


def _rows() -> Iterator[tuple[str, OrderReport]]:
    """Yield each report with its customer's email, through a cursor that outlives transactions."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(BY_CUSTOMER)
        while rows := cursor.fetchmany(BATCH_ROWS):
            for owner, *values in rows:
                yield owner, OrderReport(*values)
            # With DEBUG, Django would remember the text of every statement until the end.
            reset_queries()


def _batches(rows: Iterable[tuple[str, OrderReport]]) -> Iterator[Batch]:
    """Cut the rows into batches where an order ends, to keep each order's reports together."""
    group, kept = 0, list[OrderReport]()
    for _, of_customer in groupby(rows, key=itemgetter(0)):
        is_cut = False
        for _, of_order in groupby(of_customer, key=lambda row: row[1].order_id):
            kept.extend(report for _, report in of_order)
            if len(kept) >= BATCH_ROWS:
                yield Batch(group, kept)
                kept, is_cut = [], True
        if is_cut:
            if kept:
                yield Batch(group, kept)
                kept = []
            group += 1
    if kept:
        yield Batch(group, kept)
