"""Migrations: a person can read them, they import nothing else, and they run forwards and
backwards.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from claims.models import PolicyVersion
from tests.makers import make_order, make_user

APPS = ("accounts", "claims")
MOST_LINES = 400
LONGEST_LINE = 100
# Django refers to validators and defaults by their import path.
REFERRED_TO = {
    "accounts.models.amounts.AmountField",
    "accounts.models.user.validate_time_zone",
    "claims.formats.phone_numbers.validate_e164",
    "claims.models.claim_code.new_code",
    "claims.models.notice.new_message_id",
    "claims.models.replacement.new_request_id",
    "claims.models.upload.new_token",
    "claims.models.webhook.new_message_id",
}
CATALOG = """
SELECT 'column', table_name, column_name, data_type, is_nullable, column_default
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL
SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT 'index', tablename, indexname, indexdef, '', ''
  FROM pg_indexes WHERE schemaname = 'public'
UNION ALL
SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), obj_description(oid), ''
  FROM pg_trigger WHERE NOT tgisinternal
UNION ALL
SELECT 'function', proname, pg_get_functiondef(oid), '', '', ''
  FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""


def files(project_root: Path) -> list[Path]:
    found = [
        path for app in APPS for path in sorted((project_root / app / "migrations").glob("0*.py"))
    ]
    assert found
    return found


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name for name in names if name.partition(".")[0] in {*APPS, "config", "tests"}}


def catalog() -> set[tuple[str | None, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(CATALOG)
        return set(cursor.fetchall())


def groups() -> set[tuple[str, str]]:
    return set(Group.objects.values_list("name", "permissions__codename"))


def test_no_migration_is_longer_than_a_person_reads(project_root):
    lines = {path.name: path.read_text().splitlines() for path in files(project_root)}

    assert {name for name, text in lines.items() if len(text) > MOST_LINES} == set()
    assert {name for name, text in lines.items() if max(map(len, text)) > LONGEST_LINE} == set()


def test_a_migration_imports_validators_and_defaults_alone(project_root):
    names = set[str]().union(*map(imported, files(project_root)))

    assert names == REFERRED_TO


def test_no_migration_has_a_name_that_django_made_up(project_root):
    names = {path.stem[5:] for path in files(project_root)}

    assert not {name for name in names if name == "initial" or name.startswith(("auto_", "alter"))}


def test_the_migrations_make_what_the_models_and_their_triggers_say(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_all_content_types_and_permissions_belong_to_a_model(db):
    unknown = [kind for kind in ContentType.objects.all() if kind.model_class() is None]

    assert unknown == []
    again = Permission.objects.get(codename="replace_again")
    assert (again.content_type.model, again.name) == (
        "claim",
        "Can offer a replacement for a replacement",
    )


@pytest.mark.slow
def test_what_goes_back_leaves_nothing_and_comes_again_as_it_was(real_commits, django_db_blocker):
    with django_db_blocker.unblock():
        before, grouped = catalog(), groups()
        versions = list(PolicyVersion.objects.values("name", "effective_from", "claim_days"))

        call_command("migrate", "claims", "zero", verbosity=0)
        left = {row for row in catalog() if str(row[1]).startswith("claims_")}
        assert (left, groups()) == (set(), set())

        call_command("migrate", verbosity=0)
        assert catalog() == before
        assert groups() == grouped
        again = list(PolicyVersion.objects.values("name", "effective_from", "claim_days"))
        assert again == versions


@pytest.mark.patient
def test_the_way_back_is_refused_once_an_order_was_bought(real_commits, django_db_blocker):
    with django_db_blocker.unblock():
        order = make_order(make_user("ann@example.com"))

        with pytest.raises(DatabaseError, match="orders were bought under policy version"):
            MigrationExecutor(connection).migrate([("claims", "0013_groups")])

        applied = MigrationLoader(connection).applied_migrations
        assert ("claims", "0014_first_policy") in applied
        order.refresh_from_db()
        assert order.policy_version.name == "2026-04-01"
