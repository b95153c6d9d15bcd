"""A lookup of rows by many ids at once."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Lookup
from django.db.models.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    BoolLookup = Lookup[bool]
else:
    BoolLookup = Lookup


class AnyOf(BoolLookup):
    """The condition `column = ANY(array)`, with one parameter however many ids there are.

    `IN` has a parameter for each id, and writing five hundred takes longer than the look-up.
    """

    prepare_rhs = False

    def __init__(self, column: F, ids: Collection[int]) -> None:
        super().__init__(column, sorted(ids))

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, self.rhs)
