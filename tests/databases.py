"""The test database: migrated once, kept as a template, and copied from then on.

A template belongs to the migrations that made it: its name has a hash of them and of everything
that affects them. A run with other migrations makes its own template, and drops those that no run
uses.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases
from psycopg.sql import SQL, Identifier, Literal

from accounts import roles
from accounts.owner import as_owner

PREFIX = "claims_template_"
APP = "claims_tests_app"
"""The role of the servers and workers that tests start. It signs in with the tests' password."""

ONE_AT_A_TIME = 20_261_129  # an advisory lock's number, which nothing else on the server uses


def migrations_hash() -> str:
    """Return a hash of everything on which the migrated database depends."""
    said = hashlib.sha256()
    root = Path(settings.BASE_DIR)
    files = [root / "config" / "settings.py", root / "uv.lock"]
    for app in apps.get_app_configs():
        files += sorted((Path(app.path) / "migrations").glob("*.py"))
    for file in files:
        content = file.read_bytes()
        said.update(f"{file.parent.parent.name}/{file.name} {len(content)}\n".encode())
        said.update(content)
    return said.hexdigest()[:16]


@contextmanager
def server() -> Iterator[psycopg.Connection]:
    """Open a connection beside the tests' own, to make and drop databases."""
    params = connection.get_connection_params()
    where = {key: params[key] for key in ("host", "port", "user", "password") if key in params}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as beside:
        yield beside


def make_app(beside: psycopg.Connection) -> None:
    """Make the role that the portal's processes connect as, which all test databases share."""
    role = Identifier(APP)
    if not beside.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP]).fetchone():
        beside.execute(SQL("CREATE ROLE {} LOGIN").format(role))
    if password := settings.DATABASE_APP["PASSWORD"]:
        beside.execute(SQL("ALTER ROLE {} PASSWORD {}").format(role, Literal(password)))


def copy_database(beside: psycopg.Connection, source: str, target: str) -> None:
    statement = SQL("CREATE DATABASE {} TEMPLATE {}")
    beside.execute(statement.format(Identifier(target), Identifier(source)))


def drop_database(beside: psycopg.Connection, name: str) -> None:
    beside.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


@contextmanager
def migrated_database() -> Iterator[None]:
    """Yield the test database of this process, to which `connection` refers meanwhile."""
    with as_owner():
        settings.DATABASE_APP = {"USER": APP, "PASSWORD": connection.settings_dict["PASSWORD"]}
        yield from _migrated_database()


def _migrated_database() -> Iterator[None]:
    original = connection.settings_dict["NAME"]
    creation: Any = connection.creation
    name: str = creation._get_test_db_name()
    connections.close_all()
    with server() as beside:
        # Held until this connection ends, because another process copies the template made here.
        beside.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
        make_app(beside)
        template = PREFIX + migrations_hash()
        if _exists(beside, template):
            drop_database(beside, name)
            copy_database(beside, template, name)
            _use(name)
        else:
            setup_databases(verbosity=0, interactive=False)
            connections.close_all()
            _keep(beside, name, template)
        # The template doesn't follow the code that gives rights.
        roles.give_rights()
        connections.close_all()
    yield
    connections.close_all()
    with server() as beside:
        drop_database(beside, name)
    _use(original)


def _exists(beside: psycopg.Connection, name: str) -> bool:
    found = beside.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
    return found.fetchone() is not None


def _keep(beside: psycopg.Connection, name: str, template: str) -> None:
    """Rename the template last, so that a template under its name is complete."""
    kept = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
    for (old,) in beside.execute(kept, [PREFIX]).fetchall():
        drop_database(beside, old)
    unfinished = f"{PREFIX}unfinished"
    copy_database(beside, name, unfinished)
    rename = SQL("ALTER DATABASE {} RENAME TO {}")
    beside.execute(rename.format(Identifier(unfinished), Identifier(template)))


def _use(name: str) -> None:
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name
