"""Probes of what a web process needs. Each raises an exception if it doesn't have it."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Final

from django.core.cache import caches
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from claims.storage import spool, store, store_errors

NO_SUCH_FILE: Final = "probe/no-such-file"


class NotReady(Exception):
    """The process lacks something; the message says it in words that anybody may read."""


def probe_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def probe_migrations() -> None:
    """Raise `NotReady` if this code needs migrations that the database hasn't had."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    missing = [
        migration
        for migration, replaced in migrations_of_this_code().items()
        if migration not in applied and not (replaced and applied.issuperset(replaced))
    ]
    if missing:
        raise NotReady(f"{len(missing)} migrations are not applied")


@cache
def migrations_of_this_code() -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return the migrations on disk, each with those that it replaces."""
    found = MigrationLoader(None).disk_migrations
    return {name: list(migration.replaces) for name, migration in found.items()}


def probe_store() -> None:
    """Ask both storages for a file that isn't there. Raise if they don't answer properly."""
    for storage in (spool(), store()):
        if isinstance(storage, FileSystemStorage):
            _require_folder(Path(storage.location))
        else:
            with store_errors():
                storage.exists(NO_SUCH_FILE)


def _require_folder(folder: Path) -> None:
    # The first file makes the folder.
    nearest = folder if folder.exists() else folder.parent
    if not os.access(nearest, os.R_OK | os.W_OK | os.X_OK):
        raise NotReady("the folder can't be written")


def probe_cache() -> None:
    caches["default"].get("probe")
