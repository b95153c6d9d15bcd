"""Triggers for tables whose rows are a record: nothing changes or deletes them."""

import pgtrigger


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
