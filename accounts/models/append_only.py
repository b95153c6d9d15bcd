"""Triggers for tables whose rows are a record: nothing changes or deletes them."""

import pgtrigger


class ChangesByTriggersAlone(pgtrigger.Trigger):
    """Refuses UPDATE by a statement from outside; the role of the portal may only lock the rows."""

    when = pgtrigger.Before
    operation = pgtrigger.Update

    def __init__(self, *, name: str, refusal: str) -> None:
        # Depth 1 is a statement from outside; a trigger's own statement runs at depth 2.
        func = f"IF pg_trigger_depth() = 1 THEN RAISE EXCEPTION '{refusal}'; END IF; RETURN NEW;"
        super().__init__(name=name, func=func)


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
