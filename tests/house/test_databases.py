"""The template of the test databases belongs to the migrations that made it."""

from pathlib import Path

from django.apps import apps
from django.db import connection

from tests import databases


def test_another_migration_asks_for_another_template(settings, tmp_path, monkeypatch):
    before = databases.migrations_hash()
    assert databases.migrations_hash() == before
    folder = tmp_path / "claims"
    (folder / "migrations").mkdir(parents=True)
    for file in Path(apps.get_app_config("claims").path, "migrations").glob("*.py"):
        (folder / "migrations" / file.name).write_bytes(file.read_bytes())
    monkeypatch.setattr(apps.get_app_config("claims"), "path", str(folder))
    assert databases.migrations_hash() == before

    with (folder / "migrations" / "0002_order_tables.py").open("a") as file:
        file.write("# changed\n")

    assert databases.migrations_hash() != before


def test_the_template_is_kept_under_its_hash_alone(db):
    name = databases.PREFIX + databases.migrations_hash()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [databases.PREFIX]
        )
        assert cursor.fetchall() == [(name,)]
