from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from accounts.owner import as_owner


class Command(migrate.Command):
    """Extends Django's command: it connects as the owner of the tables.

    It replaces Django's own because the command of an app does.
    """

    def execute(self, *args: Any, **options: Any) -> str | None:
        with as_owner():
            return super().execute(*args, **options)
