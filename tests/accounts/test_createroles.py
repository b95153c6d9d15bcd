"""`manage.py createroles`: an administrator makes both roles, and the owner keeps them right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg.sql import SQL, Identifier

from tests import databases
from tests.processes import PATIENCE, database_url, environment

OWNERS = """
SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relnamespace = 'public'::regnamespace
 UNION SELECT proowner::regrole::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
 UNION SELECT typowner::regrole::text FROM pg_type WHERE typnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True)
class Roles:
    """The names of an installation's two roles, which nobody has made yet."""

    owner: str
    app: str

    def url(self, role: str, password: str = "first") -> str:
        """Return the address of this test's database for one of the roles."""
        parts = urlsplit(database_url())
        return parts._replace(netloc=f"{role}:{password}@").geturl()

    def variables(self, **passwords: str) -> dict[str, str]:
        return {
            "DATABASE_OWNER_URL": self.url(self.owner),
            "DATABASE_URL": self.url(self.app, passwords.get("app", "first")),
        }


@pytest.fixture
def names(django_db_setup, django_db_blocker) -> Iterator[Roles]:
    """Return two names; the roles go after the database that this test asks for next."""
    serial = uuid4().hex[:8]
    names = Roles(owner=f"test_owner_{serial}", app=f"test_app_{serial}")
    yield names
    with django_db_blocker.unblock(), databases.server() as beside:
        for role in (names.app, names.owner):
            beside.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(role)))


@pytest.fixture
def command(names, real_commits, tmp_path):
    """Return a function that runs a command of an installation with these roles."""

    def run(*arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        login = {"PGPASSWORD": connection.settings_dict["PASSWORD"]}
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=settings.BASE_DIR,
            env=environment(tmp_path, **(login | names.variables() | changes)),
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip

    return run


@pytest.fixture
def administrator() -> tuple[str, str]:
    """Return the option that names the role of the tests, which made their databases."""
    return ("--administrator", connection.settings_dict["USER"])


def test_an_administrator_makes_both_roles_and_gives_the_owner_all_tables(
    names, command, administrator
):
    made = command("createroles", *administrator)

    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.splitlines()[0] == f"The role {names.owner} is made."
    assert f"The role {names.app} is made." in made.stdout
    assert "first" not in made.stdout
    with connection.cursor() as cursor:
        cursor.execute(OWNERS)
        assert cursor.fetchall() == [(names.owner,)]
    assert has(names.app, "claims_event", "INSERT")
    assert has(names.app, "claims_upload", "DELETE")
    assert not has(names.app, "claims_event", "UPDATE")
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT defaclrole::regrole::text FROM pg_default_acl")
        assert (names.owner,) in cursor.fetchall()


def has(role: str, table: str, right: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, right])
        return bool(cursor.fetchone()[0])


def hashed(role: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [role])
        return str(cursor.fetchone()[0])


def test_it_may_run_again_and_sets_new_passwords(names, command, administrator):
    command("createroles", *administrator)
    before = hashed(names.app), hashed(names.owner)
    assert before[0].startswith("SCRAM-SHA-256$")

    again = command("createroles", *administrator, DATABASE_URL=names.url(names.app, "second"))

    assert (again.returncode, again.stderr) == (0, "")
    assert f"The role {names.app} is updated." in again.stdout
    assert "got" not in again.stdout
    assert hashed(names.app) != before[0]


def test_a_portal_s_role_that_owned_everything_owns_nothing_any_more(
    names, command, administrator, real_commits
):
    """So it is where the portal ran with one role, whose name it keeps."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {names.app} LOGIN PASSWORD 'first'")
        cursor.execute(f'ALTER DATABASE "{real_commits}" OWNER TO {names.app}')
        cursor.execute(f"ALTER TABLE claims_event OWNER TO {names.app}")

    made = command("createroles", *administrator)

    assert (made.returncode, made.stderr) == (0, "")
    with connection.cursor() as cursor:
        cursor.execute(OWNERS)
        assert cursor.fetchall() == [(names.owner,)]
    assert not has(names.app, "claims_event", "UPDATE")


def test_an_owner_that_may_make_no_roles_gives_the_rights(names, command, administrator):
    command("createroles", *administrator)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT UPDATE ON claims_event TO {names.app}")

    again = command("createroles")

    assert (again.returncode, again.stderr) == (0, "")
    assert f"The role {names.app} stays as it is" in again.stdout
    assert not has(names.app, "claims_event", "UPDATE")


def test_an_owner_that_may_make_roles_makes_the_portal_s(names, command):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {names.owner} LOGIN CREATEROLE PASSWORD 'first'")
        cursor.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {names.owner}")

    made = command("createroles")

    assert (made.returncode, made.stderr) == (0, "")
    assert f"The role {names.app} is made." in made.stdout


def test_an_owner_that_may_not_says_who_may(names, command):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {names.owner} LOGIN PASSWORD 'first'")
        cursor.execute(f"GRANT CREATE, USAGE ON SCHEMA public TO {names.owner}")

    answer = command("createroles")

    assert answer.returncode == 1
    assert f"may not make the role {names.app}: let an administrator make it" in answer.stderr


def test_a_role_that_can_t_sign_in_is_told_in_one_line(names, command, administrator):
    command("createroles", *administrator)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER ROLE {names.app} NOLOGIN")

    answer = command("createroles")

    assert answer.returncode == 1
    assert answer.stderr.startswith("CommandError: A role can't sign in: ")
    assert names.app in answer.stderr


def test_a_portal_s_role_that_owns_tables_is_named(names, command, administrator):
    command("createroles", *administrator)
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {names.owner} TO {names.app}")

    answer = command("createroles")
    checked = command("check", "--database", "default", "--fail-level", "WARNING")

    for told in (answer, checked):
        assert told.returncode == 1
        assert "owns tables, or is a member of the role that does" in told.stderr
    assert "accounts.W002" in checked.stderr


def test_with_one_role_there_is_nothing_to_make(command):
    answer = command("createroles", DATABASE_OWNER_URL="")

    assert answer.returncode == 1
    assert "DATABASE_OWNER_URL is not set" in answer.stderr


def test_migrate_connects_as_the_owner_and_everything_else_as_the_portal_s_role(
    names, command, administrator
):
    command("createroles", *administrator)
    migrated = command("migrate", "accounts", "zero")
    assert migrated.returncode == 0, migrated.stderr
    migrated = command("migrate", "--verbosity", "0")
    assert (migrated.returncode, migrated.stderr) == (0, "")
    cached = command("createcachetable")
    assert (cached.returncode, cached.stderr) == (0, "")

    asked = command("shell", "-c", WHO)

    assert asked.stdout.split()[-1] == names.app
    assert has(names.app, "claims_order", "UPDATE")
    assert has(names.app, "portal_cache", "DELETE")
    assert not has(names.app, "claims_event", "UPDATE")


WHO = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("SELECT session_user")
    print(cursor.fetchone()[0])
"""


def test_without_the_portal_s_role_migrate_says_what_to_run(names, command):
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {names.owner} LOGIN SUPERUSER PASSWORD 'first'")

    migrated = command("migrate", "--verbosity", "0")

    assert migrated.returncode == 0
    assert f"The role {names.app} of DATABASE_URL doesn't exist; run manage.py createroles." in (
        migrated.stderr
    )


def test_the_role_that_was_made_can_sign_in_with_the_password_that_was_hashed(
    names, command, administrator
):
    command("createroles", *administrator)

    with psycopg.connect(names.url(names.app)) as signed_in:
        assert signed_in.execute("SELECT session_user").fetchone() == (names.app,)
