"""The export of claims as CSV, which PostgreSQL writes.

The queryset becomes one `COPY (…) TO STDOUT`. The inner query is the queryset's own SQL with the
sources of the columns; a plain SELECT around it writes every value in its form. No claim becomes
a Python object, and neither end holds more than a buffer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from django.db import connections, transaction
from django.db.backends.postgresql.psycopg_any import mogrify
from django.db.models import QuerySet

from claims.models import Claim
from claims.reports.columns import COLUMNS, SOURCES, Column, Form
from claims.reports.guarding import guarded

CHUNK: Final = 64 * 1024
"""The approximate size in bytes of one piece of the answer."""
LONGER: Final = "SET LOCAL statement_timeout = '1h'"
"""A COPY of a million claims takes longer than a page may (`WEB_STATEMENT_SECONDS`)."""
# Keeps the names of the sources apart from the fields of a claim and from annotations.
_PREFIX: Final = "export_"


def claims_csv(claims: QuerySet[Claim]) -> Iterator[bytes]:
    """Yield the claims as CSV in UTF-8, with a header line, in pieces of about 64 KB.

    The export keeps the queryset's filters, joins, order and slice. The query runs at the first
    piece, in a transaction that ends with the last one or when the caller closes the iterator.
    """
    return copied(claims_query(claims), using=claims.db)


def copied(query: str, *, using: str) -> Iterator[bytes]:
    """Yield the rows of a SELECT as CSV."""
    command = f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER, ENCODING 'UTF8')"
    # The transaction also cleans up after a reader who leaves early: that cancels the COPY.
    with (
        transaction.atomic(using=using),
        connections[using].cursor() as cursor,
    ):
        cursor.execute(LONGER)
        with cursor.copy(command) as lines:
            yield from _in_chunks(lines)


def _in_chunks(lines: Iterable[memoryview]) -> Iterator[bytes]:
    chunk = bytearray()
    for line in lines:
        chunk += line
        if len(chunk) >= CHUNK:
            yield bytes(chunk)
            chunk.clear()
    if chunk:
        yield bytes(chunk)


def claims_query(claims: QuerySet[Claim]) -> str:
    """Return the SELECT of the export."""
    columns = ", ".join(f'{_written(column)} AS "{column.name}"' for column in COLUMNS)
    return _selecting(columns, source_query(claims))


def source_query(claims: QuerySet[Claim]) -> str:
    """Return the SELECT of the unformatted sources, with one row per claim."""
    # The offset keeps the planner from merging the two queries. A merged query would evaluate a
    # source once for each time that a column's form names it.
    return _selecting("*", _own_query(claims)) + " OFFSET 0"


def _selecting(columns: str, query: str) -> str:
    # Nothing here comes from a person: the columns are this module's own, and the query has been
    # compiled by Django and its parameters escaped by the driver.
    return f"SELECT {columns} FROM ({query}) AS claim"  # noqa: S608  # see above


def _own_query(claims: QuerySet[Claim]) -> str:
    """Return the queryset's SQL with the sources and literal parameters: COPY accepts none."""
    sources = {_PREFIX + name: source for name, source in SOURCES.items()}
    query = claims.annotate(**sources).values(*sources).query
    # Without eliding, a filter that matches nothing is a query of no rows, not an exception.
    sql, params = query.get_compiler(claims.db, elide_empty=False).as_sql()
    return mogrify(sql, params, connections[claims.db])


def _written(column: Column) -> str:
    source = f'claim."{_PREFIX}{column.source}"'
    value = source if column.element is None else f"{source}[{column.element}]"
    return _FORMS[column.form](value)


def _iso_8601(instant: str) -> str:
    return f"to_char({instant} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"


_FORMS: Final[Mapping[Form, Callable[[str], str]]] = {
    Form.TEXT: guarded,
    Form.INSTANT: _iso_8601,
    Form.NUMBER: str,
    Form.COUNT: "coalesce({}, 0)".format,
    Form.FLAG: "{}::text".format,
}
