"""The rights of the role that the portal's processes connect as, worked out from the models.

A trigger that refuses UPDATE or DELETE of every row of a table takes that right from the role, too:
what a trigger refuses can be had again by switching the trigger off, a right can't.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import pgtrigger
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg.sql import SQL, Composable, Composed, Identifier

from accounts.models.append_only import ChangesByTriggersAlone, WritesAsOwner

# `migrate` alone writes it.
READ_ONLY: Final = frozenset({"django_migrations"})

RELATIONS: Final = """
SELECT relname FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind = ANY(%s)
   AND pg_has_role(relowner, 'USAGE')
 ORDER BY relname
"""
TABLES: Final = ["r", "p", "v", "m"]
SEQUENCES: Final = ["S"]
ROUTINES: Final = """
SELECT oid::regprocedure::text, proname, prorettype = 'trigger'::regtype FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a'
   AND pg_has_role(proowner, 'USAGE')
 ORDER BY 1
"""
# django-pgtrigger's own function lets whoever sets `pgtrigger.ignore` pass a trigger by, and every
# role may set it. This one asks who has signed in, which a function that runs as its owner doesn't
# change.
IGNORES_FOR_THE_OWNER_ALONE: Final = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name)
RETURNS boolean AS $$
DECLARE
    ignored text := current_setting('pgtrigger.ignore', true);
BEGIN
    IF coalesce(ignored, '') = '' THEN
        RETURN false;
    END IF;
    RETURN trigger_name = ANY(ignored::text[]) AND pg_has_role(
        session_user,
        (SELECT proowner FROM pg_proc
          WHERE oid = 'public._pgtrigger_should_ignore(name)'::regprocedure),
        'MEMBER'
    );
END;
$$ LANGUAGE plpgsql
"""
FAULTS: Final = """
SELECT unnest(array_remove(ARRAY[
           CASE WHEN rolsuper THEN 'is a superuser' END,
           CASE WHEN rolcreaterole THEN 'may create roles' END,
           CASE WHEN EXISTS (SELECT FROM pg_class
                              WHERE relnamespace = 'public'::regnamespace
                                AND pg_has_role(app.oid, relowner, 'MEMBER'))
                THEN 'owns tables, or is a member of the role that does' END,
           CASE WHEN has_schema_privilege(app.oid, 'public', 'CREATE')
                THEN 'may create tables in the schema public' END,
           CASE WHEN has_database_privilege(app.oid, current_database(), 'CREATE')
                THEN 'may create schemas' END,
           -- by a right of PUBLIC or of another role
           CASE WHEN EXISTS (SELECT FROM pg_class
                              WHERE relnamespace = 'public'::regnamespace
                                AND (relname = ANY(%(update)s)
                                     AND has_table_privilege(app.oid, pg_class.oid, 'UPDATE')
                                  OR relname = ANY(%(delete)s)
                                     AND has_table_privilege(app.oid, pg_class.oid, 'DELETE')))
                THEN 'may change or delete records' END
       ], NULL))
  FROM pg_roles AS app WHERE rolname = %(role)s
"""


@dataclass
class Refusals:
    """The tables on which the role lacks a right.

    Of `locked` it may lock the rows, and change these columns of them.
    """

    update: set[str] = field(default_factory=set)
    delete: set[str] = field(default_factory=set)
    locked: dict[str, tuple[str, ...]] = field(default_factory=dict)


def refusals() -> Refusals:
    """Return what the triggers of all models refuse for every row."""
    found = Refusals()
    for model, trigger in pgtrigger.registered():
        table = model._meta.db_table
        if isinstance(trigger, ChangesByTriggersAlone):
            found.locked[table] = trigger.but
        if isinstance(trigger, pgtrigger.Protect) and trigger.get_condition(model) is None:
            refused = str(trigger.operation).split(" OR ")
            found.update |= {table} if "UPDATE" in refused else set()
            found.delete |= {table} if "DELETE" in refused else set()
    return found


def role_exists(role: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        return cursor.fetchone() is not None


def faults(role: str) -> list[str]:
    """Return the reasons for which this role could switch off what protects the tables."""
    refused = refusals()
    tables = {"update": [*refused.update, *refused.locked], "delete": [*refused.delete]}
    with connection.cursor() as cursor:
        cursor.execute(FAULTS, {"role": role, **tables})
        return [fault for (fault,) in cursor.fetchall()]


@transaction.atomic
def protect_triggers() -> None:
    """Close the ways round the triggers that a role with rights on the tables has.

    Every migration with a trigger makes its functions anew, so this follows each `migrate`.
    """
    with connection.cursor() as cursor:
        cursor.execute(ROUTINES)
        routines = {name: signature for signature, name, _trigger in cursor.fetchall()}
        if "_pgtrigger_should_ignore" in routines:
            cursor.execute(IGNORES_FOR_THE_OWNER_ALONE)
        for model, trigger in pgtrigger.registered():
            signature = routines.get(trigger.get_pgid(model))
            if signature:
                as_owner = "SECURITY DEFINER" if isinstance(trigger, WritesAsOwner) else ""
                # Without it, a temporary table would be read in the place of the real one.
                cursor.execute(
                    f"ALTER FUNCTION {signature} {as_owner} SET search_path = public, pg_temp"
                )


@transaction.atomic
def grant(role: str) -> None:
    """Give the role its rights on all that the current role owns, and take all others away."""
    with connection.cursor() as cursor:
        for statement in (
            *_table_rights(role, set(_relations(cursor, TABLES))),
            *_sequence_rights(role, _relations(cursor, SEQUENCES)),
            *_routine_rights(role, cursor),
            *_schema_rights(role),
        ):
            cursor.execute(statement.as_string(cursor.connection))


def _relations(cursor: CursorWrapper, kinds: list[str]) -> list[str]:
    cursor.execute(RELATIONS, [kinds])
    return [name for (name,) in cursor.fetchall()]


def _table_rights(role: str, tables: set[str]) -> Iterator[Composed]:
    refused = refusals()
    written = tables - READ_ONLY
    for verb, rights, on in (
        ("REVOKE", "ALL", tables),
        ("GRANT", "SELECT", tables),
        ("GRANT", "INSERT", written),
        ("GRANT", "UPDATE", written - refused.update - refused.locked.keys()),
        ("GRANT", "DELETE", written - refused.delete),
        # The right to lock a row is the right to change one of its columns.
        *(
            ("GRANT", f"UPDATE ({', '.join(['id', *columns])})", written & {table})
            for table, columns in refused.locked.items()
        ),
    ):
        yield from _rights(verb, rights, "TABLE", map(Identifier, sorted(on)), role)


def _sequence_rights(role: str, sequences: list[str]) -> Iterator[Composed]:
    for verb, rights in (("REVOKE", "ALL"), ("GRANT", "USAGE, SELECT")):
        yield from _rights(verb, rights, "SEQUENCE", map(Identifier, sequences), role)


def _routine_rights(role: str, cursor: CursorWrapper) -> Iterator[Composed]:
    """Let the role call functions, but not those of triggers.

    A trigger's function needs no right to run. With the right, the role could make a trigger on a
    temporary table that runs, as the owner, a function that writes balances.
    """
    cursor.execute(ROUTINES)
    routines = cursor.fetchall()
    called = [SQL(signature) for signature, _name, trigger in routines if not trigger]
    fired = [SQL(signature) for signature, _name, trigger in routines if trigger]
    yield from _rights("GRANT", "EXECUTE", "ROUTINE", called, role)
    for one in (SQL("PUBLIC"), Identifier(role)):
        yield from _rights("REVOKE", "ALL", "ROUTINE", fired, one)


def _schema_rights(role: str) -> Iterator[Composed]:
    """Keep the schema's tables for the owner; a later table can be read and added to at once."""
    yield from _rights("REVOKE", "CREATE", "SCHEMA", [Identifier("public")], SQL("PUBLIC"))
    yield from _rights("REVOKE", "ALL", "SCHEMA", [Identifier("public")], role)
    yield from _rights("GRANT", "USAGE", "SCHEMA", [Identifier("public")], role)
    for rights, kind in (("SELECT, INSERT", "TABLES"), ("USAGE, SELECT", "SEQUENCES")):
        yield SQL(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT {rights} ON {kind} TO {role}"
        ).format(rights=SQL(rights), kind=SQL(kind), role=Identifier(role))


def _rights(
    verb: str, rights: str, kind: str, names: Iterable[Composable], role: str | Composable
) -> Iterator[Composed]:
    """Yield one statement for all these names; none without names."""
    listed = list(names)
    if listed:
        yield SQL("{verb} {rights} ON {kind} {names} {preposition} {role}").format(
            verb=SQL(verb),
            rights=SQL(rights),
            kind=SQL(kind),
            names=SQL(", ").join(listed),
            preposition=SQL("TO" if verb == "GRANT" else "FROM"),
            role=Identifier(role) if isinstance(role, str) else role,
        )
