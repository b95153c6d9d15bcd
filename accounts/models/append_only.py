"""Triggers for tables whose rows are a record: nothing changes or deletes them."""

import pgtrigger


class ChangesByTriggersAlone(pgtrigger.Trigger):
    """Refuses UPDATE by a statement from outside, but of some columns.

    The role of the portal may lock the rows, and change the columns in `but`, by their names in the
    database. `func` refuses the rest: at `pg_trigger_depth()` 1 is a statement from outside, and at
    2 a trigger's own.
    """

    when = pgtrigger.Before
    operation = pgtrigger.Update

    def __init__(self, *, name: str, func: str, but: tuple[str, ...] = ()) -> None:
        super().__init__(name=name, func=func)
        self.but = but


class WritesAsOwner(pgtrigger.Trigger):
    """Writes tables that the role of the portal may not write, so it runs as their owner."""


def never_truncated() -> pgtrigger.Trigger:
    """Return a trigger that refuses TRUNCATE, in raw SQL too."""
    return pgtrigger.Trigger(
        name="is_never_truncated",
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Truncate,
        func="RAISE EXCEPTION 'rows of % are never truncated', TG_TABLE_NAME;",
    )


def append_only() -> list[pgtrigger.Trigger]:
    """Return triggers that refuse UPDATE, DELETE and TRUNCATE, in raw SQL too."""
    return [
        pgtrigger.Protect(name="is_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        never_truncated(),
    ]


def never_deleted() -> list[pgtrigger.Trigger]:
    """Return triggers that refuse DELETE and TRUNCATE, in raw SQL too."""
    return [
        pgtrigger.Protect(name="is_never_deleted", operation=pgtrigger.Delete),
        never_truncated(),
    ]
