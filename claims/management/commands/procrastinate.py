from __future__ import annotations

from typing import Any

from procrastinate.contrib.django.management.commands import procrastinate

from claims.jobs import uploads


class Command(procrastinate.Command):
    """Extends Procrastinate's command: each worker also clears its machine's incoming folder.

    It replaces Procrastinate's own because `claims` comes first in INSTALLED_APPS.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        if options["command"] == "worker":
            uploads.keep_incoming_clear()
        super().handle(*args, **options)
