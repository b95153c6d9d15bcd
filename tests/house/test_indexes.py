"""A comment names the query that each index serves, and no index is the beginning of another."""

from __future__ import annotations

import ast
from pathlib import Path

from django.db import connection

# If an index's columns begin another index on the same rows, the other one serves both.
BEGINNINGS = """
SELECT short.indexrelid::regclass::text || ' is the beginning of '
       || long.indexrelid::regclass::text
  FROM pg_index AS short
  JOIN pg_index AS long USING (indrelid)
  JOIN pg_class AS indexed ON indexed.oid = short.indexrelid
  JOIN pg_class AS other ON other.oid = long.indexrelid AND other.relam = indexed.relam
 WHERE short.indrelid::regclass::text ~ '^(claims|accounts)_'
   AND short.indrelid::regclass::text NOT IN (
       'accounts_user_groups', 'accounts_user_user_permissions'  -- Django's own
   )
   AND NOT short.indisunique AND short.indexrelid <> long.indexrelid
   AND short.indpred IS NULL AND long.indpred IS NULL
   AND short.indexprs IS NULL AND long.indexprs IS NULL
   AND starts_with(long.indkey::text || ' ', short.indkey::text || ' ')
   AND starts_with(long.indclass::text || ' ', short.indclass::text || ' ')
"""


def test_each_index_of_a_model_has_a_comment_that_names_its_query(project_root):
    bare = [
        f"{path.name}:{line}"
        for app in ("accounts", "claims")
        for path in sorted((project_root / app / "models").glob("*.py"))
        for line in _uncommented(path)
    ]

    assert bare == []


def test_an_index_without_a_comment_would_be_found(tmp_path):
    file = tmp_path / "thing.py"
    file.write_text(
        "class Meta:\n    indexes = [\n        # a\n        Index(),\n        Index()]\n"
    )

    assert _uncommented(file) == [5]


def test_no_index_is_the_beginning_of_another(db):
    with connection.cursor() as cursor:
        cursor.execute(BEGINNINGS)
        found = [said for (said,) in cursor.fetchall()]

    assert found == []


def test_such_an_index_would_be_found(db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX needless ON claims_order (customer_id)")
        cursor.execute(BEGINNINGS)

        assert cursor.fetchall() == [("needless is the beginning of orders_of_a_customer",)]


def _uncommented(path: Path) -> list[int]:
    """Return the lines on which an index of the file begins without a comment above it."""
    text = path.read_text()
    lines = text.splitlines()
    lists = [
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.List)
        and [ast.unparse(target) for target in node.targets] == ["indexes"]
    ]
    begins = [index.lineno for found in lists for index in found.elts]
    return [line for line in begins if not lines[line - 2].lstrip().startswith("#")]
