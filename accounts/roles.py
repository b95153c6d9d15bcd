"""The two roles of the database: the owner of its tables, and the portal's processes."""

from __future__ import annotations

import logging
from typing import Final

from django.conf import settings
from django.db import ProgrammingError, connection, transaction
from django.db.backends.utils import CursorWrapper
from psycopg import errors
from psycopg.sql import SQL, Identifier, Literal

from accounts import privileges

log = logging.getLogger(__name__)

# All that isn't the owner's yet: tables and views with their sequences, types, and functions; and
# the database, if it is the portal's, because its owner may drop every table in it.
BELONGINGS: Final = """
SELECT format('ALTER DATABASE %%I OWNER TO %%I', datname, %(owner)s) FROM pg_database
 WHERE datname = current_database() AND datdba = %(app)s::regrole
UNION ALL
SELECT format('ALTER TABLE %%s OWNER TO %%I', oid::regclass, %(owner)s) FROM pg_class AS relation
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
   AND relowner <> %(owner)s::regrole
   AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass
                      AND objid = relation.oid AND deptype IN ('a', 'i', 'e'))
UNION ALL
SELECT format('ALTER TYPE %%s OWNER TO %%I', type.oid::regtype, %(owner)s)
  FROM pg_type AS type LEFT JOIN pg_class AS relation ON relation.oid = typrelid
 WHERE typnamespace = 'public'::regnamespace AND typowner <> %(owner)s::regrole
   AND (typtype IN ('e', 'd') OR relkind = 'c')
UNION ALL
SELECT format('ALTER ROUTINE %%s OWNER TO %%I', oid::regprocedure, %(owner)s) FROM pg_proc
 WHERE pronamespace = 'public'::regnamespace AND proowner <> %(owner)s::regrole
   AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass
                      AND objid = pg_proc.oid AND deptype = 'e')
"""


class CannotMakeRoles(Exception):
    """The reason why the roles can't be made, for the operator."""


def make_roles() -> list[str]:
    """Make both roles, as the role that is connected, and return a line on each thing done.

    An owner makes the portal's role. An administrator makes the owner, too, and gives it what is in
    the schema. `CannotMakeRoles` says what the connected role may not do.
    """
    owner, app = settings.DATABASE_OWNER, settings.DATABASE_APP
    if not owner:
        raise CannotMakeRoles("DATABASE_OWNER_URL is not set: the portal has one role.")
    done = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (current,) = cursor.fetchone()
        if current != owner["USER"]:
            done.append(_make_role(cursor, owner["USER"], owner["PASSWORD"]))
            _let_in(cursor, owner["USER"], "USAGE, CREATE")
        done.append(_make_role(cursor, app["USER"], app["PASSWORD"]))
        if current != owner["USER"]:
            done += _give_all(cursor, to=owner["USER"])
        _let_in(cursor, app["USER"], "USAGE")
    return done


def give_rights() -> None:
    """Give the portal's role its rights on what the connected role owns, and take all others away.

    `CannotMakeRoles` says why the role could switch off what protects the tables all the same.
    """
    app = settings.DATABASE_APP["USER"]
    privileges.protect_triggers()
    privileges.grant(app)
    if faults := privileges.faults(app):
        raise CannotMakeRoles(f"The role {app} of DATABASE_URL {', and '.join(faults)}.")


def follow_tables() -> None:
    """Protect what a migration has just made, and give the portal's role its rights on it."""
    privileges.protect_triggers()
    if not settings.DATABASE_APP:
        return
    if privileges.role_exists(settings.DATABASE_APP["USER"]):
        privileges.grant(settings.DATABASE_APP["USER"])
    else:
        log.warning(
            "The role %s of DATABASE_URL doesn't exist; run manage.py createroles.",
            settings.DATABASE_APP["USER"],
        )


def _make_role(cursor: CursorWrapper, name: str, password: str) -> str:
    """Make the role that can sign in, or set its password."""
    exists = privileges.role_exists(name)
    words = SQL("ALTER ROLE {} LOGIN" if exists else "CREATE ROLE {} LOGIN").format(
        Identifier(name)
    )
    if password:
        # Only a hash is sent, because the server may log statements.
        hashed = cursor.connection.pgconn.encrypt_password(password.encode(), name.encode())
        words += SQL(" PASSWORD {}").format(Literal(hashed.decode()))
    if _allowed(cursor, words.as_string(cursor.connection)):
        return f"The role {name} is {'updated' if exists else 'made'}."
    if exists:
        return f"The role {name} stays as it is: only an administrator may change it."
    raise CannotMakeRoles(
        f"This role may not make the role {name}: let an administrator make it"
        " (docs/operations.md, Two roles), or name one by --administrator."
    )


def _give_all(cursor: CursorWrapper, *, to: str) -> list[str]:
    """Give the role all in the schema that another one owns."""
    cursor.execute(BELONGINGS, {"owner": to, "app": settings.DATABASE_APP["USER"]})
    statements = [statement for (statement,) in cursor.fetchall()]
    for statement in statements:
        if not _allowed(cursor, statement):
            raise CannotMakeRoles(f"This administrator may not give {to} the tables: {statement}")
    return [f"The role {to} got all tables, types and functions."] * bool(statements)


def _let_in(cursor: CursorWrapper, name: str, rights: str) -> None:
    """Let the role connect and make temporary tables, which imports need, and use the schema.

    Every role has that from the start unless an administrator took it away, so a role that may not
    give it needn't.
    """
    database = Identifier(connection.settings_dict["NAME"])
    role = Identifier(name)
    for words in (
        SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(database, role),
        SQL("GRANT {} ON SCHEMA public TO {}").format(SQL(rights), role),
        SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
    ):
        _allowed(cursor, words.as_string(cursor.connection))


def _allowed(cursor: CursorWrapper, statement: str) -> bool:
    """Run the statement and return True, or return False if this role may not."""
    try:
        with transaction.atomic():
            cursor.execute(statement)
    except ProgrammingError as error:
        if isinstance(error.__cause__, errors.InsufficientPrivilege):
            return False
        raise
    return True
