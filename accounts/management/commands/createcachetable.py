from __future__ import annotations

from typing import Any

from django.core.management.commands import createcachetable

from accounts import roles
from accounts.owner import as_owner


class Command(createcachetable.Command):
    """Extends Django's command: the owner makes the table, and the portal's role may write it."""

    def handle(self, *args: Any, **options: Any) -> None:
        with as_owner():
            super().handle(*args, **options)
            roles.follow_tables()
